import type { DeviceReport } from '../contract.js';
import { WebsslError } from '../webssl-error.js';
import { problemOf } from './device-problem.js';
import { endPeer, firstAnswer } from './first-answer.js';

/** How a backend is probed. */
export interface ProbeOptions {
  /** Id of the backend, for messages. */
  readonly backend: string;
  /** The worker file: JavaScript that calls `serveBackend`. */
  readonly entry: URL;
  /** What the served `probe` gets: anything that can be cloned. */
  readonly setup?: unknown;
  /** Default 30 000 ms. */
  readonly deadlineMilliseconds?: number;
}

const defaultDeadline = 30_000;

const adviceAfterLoss =
  'The native library crashed or hangs. See that the device and its driver work by themselves, and install the library again if they do.';
const otherAdvice = 'Reinstall the package of this backend and its native library.';

/**
 * Asks a backend for its devices in a child process, where a broken native library can crash or hang without harm.
 * Never throws: a failure is a report that says why, with the `advice` in the error's details as the advice, which the reason does
 * not repeat.
 */
export async function probeInChild(options: ProbeOptions): Promise<DeviceReport> {
  const { backend, entry, setup, deadlineMilliseconds = defaultDeadline } = options;
  try {
    const { peer, reply } = await firstAnswer(
      { backend, entry, isolation: 'process', deadlineMilliseconds },
      async () => ({ kind: 'probe', setup }),
      'probed',
    );
    await endPeer(peer);
    return reply.report;
  } catch (error) {
    if (!WebsslError.isInstance(error)) {
      const reason = error instanceof Error ? error.message : String(error);
      return { usable: false, reason, advice: otherAdvice };
    }
    const advice = error.code === 'BACKEND_LOST' ? adviceAfterLoss : otherAdvice;
    return { usable: false, ...problemOf(error, advice) };
  }
}
