/** What the exit code of a program means. */
export const exitCode = {
  success: 0,
  /** The program could not do its work; stderr has the code of the error. */
  failure: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** A signal such as Ctrl-C ended the work before it was done. */
  interrupted: 130,
} as const;
