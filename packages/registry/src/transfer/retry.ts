import { setTimeout as sleep } from 'node:timers/promises';
import type { TransferProblem } from './transfer-problem.js';

/** How persistent a transfer is. */
export interface RetryPolicy {
  /** Tries in a row that bring nothing before the transfer is given up. */
  readonly attempts: number;
  /** Longest wait before the second try; it doubles with every further one. */
  readonly firstDelayMilliseconds: number;
  /** Longest wait between two tries. A server's `Retry-After` may ask for more, up to `longestRetryAfterMilliseconds`. */
  readonly longestDelayMilliseconds: number;
  /** A server that asks to wait longer than this ends the transfer. */
  readonly longestRetryAfterMilliseconds: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  attempts: 8,
  firstDelayMilliseconds: 500,
  longestDelayMilliseconds: 30_000,
  longestRetryAfterMilliseconds: 600_000,
};

/** A wait before another try. */
export interface RetryNotice {
  /** Tries that failed in a row, this one included. */
  readonly failures: number;
  readonly attempts: number;
  readonly waitMilliseconds: number;
  readonly reason: string;
}

/**
 * How long to wait after `failures` tries in a row: as the server asked, else a random time up to a limit that doubles
 * (exponential back-off with full jitter, so that many clients do not come back together). Undefined: give up.
 */
export function retryDelay(
  policy: RetryPolicy,
  failures: number,
  problem: TransferProblem,
): number | undefined {
  if (failures >= policy.attempts) return undefined;
  const asked = problem.retryAfterMilliseconds;
  if (asked !== undefined && asked > policy.longestRetryAfterMilliseconds) return undefined;
  const limit = Math.min(
    policy.longestDelayMilliseconds,
    policy.firstDelayMilliseconds * 2 ** (failures - 1),
  );
  const jittered = limit * Math.random();
  return asked === undefined ? jittered : asked + jittered;
}

/** Waits; rejects with the signal's reason when it aborts. */
export async function waitBeforeRetry(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
