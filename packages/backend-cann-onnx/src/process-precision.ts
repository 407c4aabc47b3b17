import { isMainThread } from 'node:worker_threads';
import { WebsslError } from '@webssl/backend';
import type { CannPrecision } from './session-setup.js';

/** Shared by every copy of this package that the main thread has loaded. */
const symbol = Symbol.for('webssl.cann-onnx.precision');
const shared = globalThis as { [symbol]?: CannPrecision };

/**
 * Takes note of the precision of a CANN session in this process. The provider hands the precision to the graph engine once, with
 * the first graph; a session that asked for another one later would be given the first one's without a word.
 * @throws WebsslError `CANN_PRECISION_FIXED` where the process has another one already, or where this is not the main thread: what
 * other threads have opened cannot be known there.
 */
export function claimPrecision(precision: CannPrecision): void {
  const first = shared[symbol];
  const advice = "Open with isolation 'process', which has a process of its own for each session.";
  if (!isMainThread) {
    throw new WebsslError({
      code: 'CANN_PRECISION_FIXED',
      message:
        'CANN computes in one precision per process, so sessions in threads are opened from the main thread only. ' +
        advice,
      details: { precision, advice },
    });
  }
  if (first !== undefined && first !== precision) {
    throw new WebsslError({
      code: 'CANN_PRECISION_FIXED',
      message: `CANN computes in one precision per process: here it is '${first}', so '${precision}' is refused. ${advice}`,
      details: { precision, first, advice },
    });
  }
  shared[symbol] = precision;
}
