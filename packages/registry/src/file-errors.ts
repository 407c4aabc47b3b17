import { WebsslError } from '@webssl/backend';

/** What `operation` gives; undefined when the file or folder at `path` does not exist. */
export async function ifPresent<Value>(path: string, operation: Promise<Value>): Promise<Value | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(path, error);
  }
}

/** Whether a file operation failed because nothing has that path. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && missingCodes.has(error.code);
}

// A name longer than the file system allows is the name of nothing.
const missingCodes: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

/** Whether an error is one that the operating system answered, which has its code. */
export function isSystemError(error: unknown): error is Error & { readonly code: unknown } {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

export function unreadable(path: string, cause: unknown): WebsslError {
  return new WebsslError({
    code: 'CHECKPOINT_FILE_UNREADABLE',
    message: `${path} cannot be read: ${messageOf(cause)}`,
    cause,
    details: { file: path },
  });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
