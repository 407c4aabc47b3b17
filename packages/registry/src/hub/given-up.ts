import type { WebsslError } from '@webssl/backend';
import type { TransferProblem } from '../transfer/transfer-problem.js';
import { hubError } from './hub-error.js';

/** What is thrown when the tries are used up, or the hub asks to wait for too long. */
export function givenUp(endpoint: string, failures: number, problem: TransferProblem): WebsslError {
  const { status, retryAfterMilliseconds } = problem;
  const tries = failures === 1 ? '1 try' : `${failures} tries`;
  const asked =
    retryAfterMilliseconds === undefined
      ? ''
      : `; it asks to wait ${Math.ceil(retryAfterMilliseconds / 1000)} s`;
  const details = { endpoint, failures, status, retryAfterMilliseconds };
  if (status === 429) {
    return hubError(
      'HUB_RATE_LIMITED',
      `${endpoint} has had too many requests from here (429, after ${tries}${asked}). Come back later, or give a token: the hub allows more to those it knows.`,
      { cause: problem, details },
    );
  }
  return hubError(
    'HUB_UNREACHABLE',
    `${endpoint} cannot be used: ${problem.message} (after ${tries}${asked}). Check the connection; HF_ENDPOINT names a mirror, HTTPS_PROXY a proxy.`,
    { cause: problem, details },
  );
}
