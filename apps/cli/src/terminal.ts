import { WebsslError } from '@webssl/backend';

/** Where a command prints: results on stdout, everything else on stderr. */
export interface Terminal {
  result(line: string): void;
  note(line: string): void;
}

export const terminal: Terminal = {
  result: (line) => {
    process.stdout.write(`${line}\n`);
  },
  note: (line) => {
    process.stderr.write(`${line}\n`);
  },
};

/** An error as a user reads it: its stable code, what was wrong and what to do; a stack only for our own mistakes. */
export function describeError(error: unknown): string {
  if (WebsslError.isInstance(error)) return `${error.code}: ${error.message}`;
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}
