import { WebsslError } from '@webssl/backend';
import { bytesOf } from './bytes-of.js';
import { TransferProblem } from './transfer-problem.js';

/** An answer that gives the file another length: a page that a network puts in its place for a moment, or another file. */
export class LengthProblem extends TransferProblem {
  readonly actual: number;
  readonly expected: number;

  constructor(actual: number, expected: number) {
    super(`the server says that the file has ${actual} bytes, and it must have ${expected}`);
    this.actual = actual;
    this.expected = expected;
  }
}

/** What an error tells of the file that was given up. */
interface GivenUpFile {
  readonly name: string;
  readonly destination: string;
  readonly presentBytes: number;
  readonly totalBytes: number | undefined;
}

/**
 * The error for a file that was tried often enough: by what went wrong last, `HUB_SIZE_MISMATCH`, `HUB_RATE_LIMITED`
 * (429), or `HUB_UNREACHABLE`.
 */
export function givenUp(problem: TransferProblem, why: string, file: GivenUpFile): WebsslError {
  if (problem instanceof LengthProblem) return sizeMismatch(problem, why, file);
  const { name, destination, presentBytes, totalBytes } = file;
  const isRateLimited = problem.status === 429;
  return new WebsslError({
    code: isRateLimited ? 'HUB_RATE_LIMITED' : 'HUB_UNREACHABLE',
    message: `${name} could not be fetched to its end: ${problem.message}. Given up, because ${why}. ${bytesOf(presentBytes, totalBytes)} are there and stay; run it again${isRateLimited ? ' later' : ''} and it goes on from there.`,
    cause: problem,
    details: { file: destination, reason: problem.message, status: problem.status, presentBytes, totalBytes },
  });
}

function sizeMismatch(problem: LengthProblem, why: string, { name, destination }: GivenUpFile): WebsslError {
  const { actual, expected } = problem;
  return new WebsslError({
    code: 'HUB_SIZE_MISMATCH',
    message: `${name} could not be fetched: ${problem.message}. Given up, because ${why}. Either the file was replaced, then ask for its newest revision; or a server on the way is wrong, then try another endpoint.`,
    cause: problem,
    details: { file: destination, expected, actual },
  });
}
