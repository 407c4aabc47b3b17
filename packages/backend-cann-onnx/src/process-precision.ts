import { isMainThread } from 'node:worker_threads';
import { WebsslError } from '@webssl/backend';
import type { CannPrecision } from './session-setup.js';

interface ProcessPrecision {
  readonly precision: CannPrecision;
  /** Openings that have not ended. */
  openings: number;
  /** Whether a session was opened: it may have had a graph compiled, and that cannot be taken back. */
  fixed: boolean;
}

/** Shared by every copy of this package that the main thread has loaded. */
const symbol = Symbol.for('webssl.cann-onnx.process-precision');
const shared = globalThis as { [symbol]?: ProcessPrecision | undefined };

const advice = "Open with isolation 'process', which has a process of its own for each session.";

/**
 * Opens a CANN session in a thread of this process, whose precision is that of all others. The provider hands the precision to the
 * graph engine once, with the first graph that is compiled; a session that asked for another one later would be given the first
 * one's without a word. An opening that fails has compiled nothing, and leaves the precision as free as it was.
 * @throws WebsslError `CANN_PRECISION_FIXED` where the process has another one already, or where this is not the main thread: what
 * other threads have opened cannot be known there. What `open` throws.
 */
export async function withProcessPrecision<Session>(
  precision: CannPrecision,
  open: () => Promise<Session>,
): Promise<Session> {
  const claim = claimPrecision(precision);
  claim.openings += 1;
  try {
    const session = await open();
    claim.fixed = true;
    return session;
  } finally {
    claim.openings -= 1;
    if (claim.openings === 0 && !claim.fixed) shared[symbol] = undefined;
  }
}

function claimPrecision(precision: CannPrecision): ProcessPrecision {
  if (!isMainThread) {
    throw new WebsslError({
      code: 'CANN_PRECISION_FIXED',
      message:
        'CANN computes in one precision per process, so sessions in threads are opened from the main thread only. ' +
        advice,
      details: { precision, advice },
    });
  }
  shared[symbol] ??= { precision, openings: 0, fixed: false };
  const claim = shared[symbol];
  const first = claim.precision;
  if (first !== precision) {
    throw new WebsslError({
      code: 'CANN_PRECISION_FIXED',
      message: `CANN computes in one precision per process: here it is '${first}', so '${precision}' is refused. ${advice}`,
      details: { precision, first, advice },
    });
  }
  return claim;
}
