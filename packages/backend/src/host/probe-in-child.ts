import type { DeviceReport } from '../contract.js';
import { WebsslError } from '../webssl-error.js';
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

/**
 * Asks a backend for its devices in a child process, where a broken native library can crash or hang without harm.
 * Never throws: a failure is a report that says why, with the `advice` in the error's details as the advice.
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
    const known = WebsslError.isInstance(error) ? error : undefined;
    const advice = known?.details['advice'];
    return {
      usable: false,
      ...(known && { code: known.code }),
      reason: error instanceof Error ? error.message : String(error),
      advice:
        typeof advice === 'string' ? advice : 'Reinstall the package of this backend and its native library.',
    };
  }
}
