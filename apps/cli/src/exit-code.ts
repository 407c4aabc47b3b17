import { exitCode as sharedExitCode } from '@webssl/command-line';

/** What the command's exit code means; documented in the README. */
export const exitCode = {
  ...sharedExitCode,
  /** Some images failed; the features of the others have been written. */
  someImagesFailed: 3,
  /** Evaluation: something does not hold; the last line is `RESULT: FAIL`. */
  fail: 1,
  /** Evaluation: there is no verdict, because the runs or the log could not be had at all. */
  unusable: 2,
} as const;
