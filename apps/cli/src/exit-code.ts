/** What the command's exit code means; documented in the README. */
export const exitCode = {
  success: 0,
  /** The command could not do its work; stderr has the code of the error. */
  failure: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** Some images failed; the features of the others have been written. */
  someImagesFailed: 3,
  /** Evaluation: something does not hold; the last line is `RESULT: FAIL`. */
  fail: 1,
  /** Evaluation: there is no verdict, because the runs or the log could not be had at all. */
  unusable: 2,
  /** Ctrl-C; nothing has been written under the output's name. */
  interrupted: 130,
} as const;
