import { WebsslError } from '@webssl/backend';

/** Whether a file operation failed because nothing has that path. */
export function isMissing(error: unknown): boolean {
  return hasCode(error, ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);
}

/** Whether an error is one that the operating system answered with one of these codes. */
export function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/**
 * What `operation` gives; where `folder` cannot be written, an error that says so.
 * @param advice what the user can do: the option that chooses another folder
 * @throws WebsslError `BACKEND_DISK_FULL`, `BACKEND_FOLDER_UNWRITABLE`; those that the operation throws itself.
 */
export async function writingTo<Value>(
  folder: string,
  advice: string,
  operation: () => Promise<Value>,
): Promise<Value> {
  try {
    return await operation();
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    const isFull = hasCode(cause, ['ENOSPC', 'EDQUOT']);
    throw new WebsslError({
      code: isFull ? 'BACKEND_DISK_FULL' : 'BACKEND_FOLDER_UNWRITABLE',
      message: isFull
        ? `There is no space left for the offline model at ${folder}: ${cause.message}. It takes about as much as the model's weights. ${advice}`
        : `The offline model cannot be written at ${folder}: ${cause.message}. ${advice}`,
      cause,
      details: { folder },
    });
  }
}
