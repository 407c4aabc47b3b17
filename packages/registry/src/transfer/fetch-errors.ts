import { WebsslError } from '@webssl/backend';
import { bytesOf } from './bytes-of.js';
import type { TransferProblem } from './transfer-problem.js';

/** The error for a file that was tried often enough: `HUB_RATE_LIMITED` where the server said 429 last, else `HUB_UNREACHABLE`. */
export function givenUp(
  problem: TransferProblem,
  why: string,
  { name, presentBytes, totalBytes }: { name: string; presentBytes: number; totalBytes: number | undefined },
): WebsslError {
  const isRateLimited = problem.status === 429;
  return new WebsslError({
    code: isRateLimited ? 'HUB_RATE_LIMITED' : 'HUB_UNREACHABLE',
    message: `${name} could not be fetched to its end: ${problem.message}. Given up, because ${why}. ${bytesOf(presentBytes, totalBytes)} are there and stay; run it again${isRateLimited ? ' later' : ''} and it goes on from there.`,
    cause: problem,
    details: { reason: problem.message, status: problem.status, presentBytes, totalBytes },
  });
}

/** What is wrong with an answer that gives the file another length. */
export function lengthProblem(actual: number, expected: number): string {
  return `the server says that the file has ${actual} bytes, and it must have ${expected}`;
}

export function sizeMismatch(name: string, actual: number, expected: number): WebsslError {
  return new WebsslError({
    code: 'HUB_SIZE_MISMATCH',
    message: `${name}: ${lengthProblem(actual, expected)}. Either the file was replaced, then ask for its newest revision; or a server on the way is wrong, then try another endpoint.`,
    details: { expected, actual },
  });
}
