import {
  defaultRetryPolicy,
  type RetryNotice,
  type RetryPolicy,
  retryDelay,
  waitBeforeRetry,
} from './retry.js';
import type { TransferProblem } from './transfer-problem.js';

interface TriesOptions {
  readonly retry: RetryPolicy | undefined;
  readonly signal: AbortSignal;
  readonly onRetry: ((notice: RetryNotice) => void) | undefined;
}

/** A connection after a failed try: it tries again, leaves the rest to the others, or the file is given up. */
type Verdict = 'again' | 'leave' | 'give-up';

/**
 * The patience with one file, shared by its connections. When a line breaks all of them fail at once: that is one failure,
 * and one of them finds out when the line is back, while the others leave.
 */
export class Tries {
  readonly #policy: RetryPolicy;
  readonly #signal: AbortSignal;
  readonly #onRetry: ((notice: RetryNotice) => void) | undefined;
  /** Tries in a row, of all connections, that brought nothing. */
  #failures = 0;
  #isWaiting = false;
  #heldUntil = 0;

  constructor({ retry = defaultRetryPolicy, signal, onRetry }: TriesOptions) {
    this.#policy = retry;
    this.#signal = signal;
    this.#onRetry = onRetry;
  }

  /** Tells that new bytes have come. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** Waits as long as the server asked to be left alone. */
  async untilWelcome(): Promise<void> {
    const wait = this.#heldUntil - performance.now();
    if (wait > 0) await waitBeforeRetry(wait, this.#signal);
  }

  /** Why a file was given up after `problem`, as half a sentence. */
  whyGivenUp({ retryAfterMilliseconds: asked = 0 }: TransferProblem): string {
    const { attempts, longestRetryAfterMilliseconds: longest } = this.#policy;
    return asked > longest
      ? `the server asks to wait for ${asked / 1000} s, longer than ${longest / 1000} s`
      : `${attempts} tries in a row brought nothing`;
  }

  /**
   * Waits after a failure where another try is due.
   * @param ownFailures tries in a row of this connection that brought nothing: it backs off also while others succeed.
   * @param isLast whether no other connection is at work.
   */
  async afterFailure(problem: TransferProblem, ownFailures: number, isLast: boolean): Promise<Verdict> {
    if (!this.#isWaiting) this.#failures += 1;
    const failures = Math.max(this.#failures, Math.min(ownFailures, this.#policy.attempts - 1));
    const waitMilliseconds = retryDelay(this.#policy, failures, problem);
    if (waitMilliseconds === undefined) return isLast ? 'give-up' : 'leave';
    if (problem.retryAfterMilliseconds !== undefined) {
      this.#heldUntil = Math.max(this.#heldUntil, performance.now() + waitMilliseconds);
    }
    if (this.#isWaiting) return 'leave';
    this.#onRetry?.({
      failures,
      attempts: this.#policy.attempts,
      waitMilliseconds,
      reason: problem.message,
    });
    this.#isWaiting = true;
    try {
      await waitBeforeRetry(waitMilliseconds, this.#signal);
    } finally {
      this.#isWaiting = false;
    }
    return 'again';
  }
}
