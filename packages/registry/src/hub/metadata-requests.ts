import { type RetryNotice, type RetryPolicy, retryDelay, waitBeforeRetry } from '../transfer/retry.js';
import { TransferProblem } from '../transfer/transfer-problem.js';
import { mostSeconds } from './environment-values.js';
import { givenUp } from './given-up.js';
import type { HubAnswer, HubRequest, HubRequests, ReadsRedirect } from './hub-requests.js';
import { isHostAbsent } from './network-problem.js';

/** How often requests about files are tried, and who hears of it. */
export interface Persistence {
  readonly policy: RetryPolicy;
  readonly onRetry: ((notice: RetryNotice) => void) | undefined;
}

export type MetadataRequest = Omit<HubRequest, 'purpose'>;

/** Where nobody answers at all, waiting for long seldom helps. */
const attemptsWithoutHost = 3;

/** Longest time for a whole answer, in timeouts: each gap of an answer that trickles is shorter than one. */
const timeoutsOfTry = 6;

/** Requests about files, tried until they go well or the policy gives up. */
export class MetadataRequests {
  readonly requests: HubRequests;
  readonly #persistence: Persistence;

  constructor(requests: HubRequests, persistence: Persistence) {
    this.requests = requests;
    this.#persistence = persistence;
  }

  get endpoint(): string {
    return this.requests.settings.endpoint;
  }

  /**
   * Sends a request and reads its answer; both count as one try.
   * @param read must read or discard the answer's body
   * @throws WebsslError `HUB_UNREACHABLE`, `HUB_RATE_LIMITED` when the tries are used up; what no other try mends, and the
   * signal's reason, at once
   */
  async ask<Value>(
    request: MetadataRequest,
    read: (answer: HubAnswer) => Value | Promise<Value>,
    readsRedirect?: ReadsRedirect,
  ): Promise<Value> {
    const { policy, onRetry } = this.#persistence;
    for (let failures = 1; ; failures++) {
      try {
        return await this.#askOnce(request, read, readsRedirect);
      } catch (problem) {
        if (!(problem instanceof TransferProblem)) throw problem;
        const attempts = isHostAbsent(problem)
          ? Math.min(policy.attempts, attemptsWithoutHost)
          : policy.attempts;
        const waitMilliseconds = retryDelay({ ...policy, attempts }, failures, problem);
        if (waitMilliseconds === undefined) throw givenUp(this.endpoint, failures, problem);
        onRetry?.({ failures, attempts, waitMilliseconds, reason: problem.message });
        await waitBeforeRetry(waitMilliseconds, request.signal);
      }
    }
  }

  async #askOnce<Value>(
    request: MetadataRequest,
    read: (answer: HubAnswer) => Value | Promise<Value>,
    readsRedirect: ReadsRedirect | undefined,
  ): Promise<Value> {
    const { host } = request.url;
    const { metadataTimeoutMilliseconds } = this.requests.settings;
    const milliseconds = Math.min(timeoutsOfTry * metadataTimeoutMilliseconds, mostSeconds * 1000);
    const deadline = new AbortController();
    const timer = setTimeout(
      () => deadline.abort(new TransferProblem(`${host}: no whole answer within ${milliseconds / 1000} s`)),
      milliseconds,
    );
    const signal =
      request.signal === undefined ? deadline.signal : AbortSignal.any([request.signal, deadline.signal]);
    try {
      const answer = await this.requests.get({ ...request, signal, purpose: 'metadata' }, readsRedirect);
      try {
        return await read(answer);
      } catch (error) {
        signal.throwIfAborted();
        throw this.requests.problemOf(error, answer.url, 'metadata');
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
