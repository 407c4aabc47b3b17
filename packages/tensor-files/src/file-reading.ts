import { constants, type FileHandle, open } from 'node:fs/promises';
import { WebsslError } from '@webssl/backend';

/** The most that one read call is asked for: small enough that an abort is noticed soon. */
const pieceBytes = 32 * 1024 * 1024;

/** The `code` of a system error, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The error for a file that cannot be opened or read. `area` is the format, the beginning of the code. */
export function unreadable(area: string, file: string, error: unknown): WebsslError {
  const missing = systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR';
  const reason = error instanceof Error ? error.message : String(error);
  return new WebsslError({
    code: missing ? `${area}_FILE_MISSING` : `${area}_FILE_UNREADABLE`,
    message: missing
      ? `There is no file ${file}. Check the path.`
      : `Cannot read ${file}: ${reason}. Check that it is a file and that you may read it.`,
    cause: error,
    details: { file },
  });
}

/**
 * Opens a file, hands it and its length in bytes to `use`, and closes it again.
 * @throws WebsslError `<area>_FILE_MISSING`, `<area>_FILE_UNREADABLE`, any of `use`, and the reason of `signal`.
 */
export async function withOpenFile<T>(
  area: string,
  file: string,
  use: (handle: FileHandle, byteLength: number) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    // Without waiting: the opening of a pipe would block until somebody writes to it.
    handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const status = await handle.stat();
    if (!status.isFile()) throw new Error('it is not a regular file');
    return await use(handle, status.size);
  } catch (error) {
    if (WebsslError.isInstance(error) || (signal?.aborted && error === signal.reason)) throw error;
    throw unreadable(area, file, error);
  } finally {
    await handle?.close();
  }
}

/** Fills `target` from `position` on. Returns the number of bytes read: less than asked for only at the end of the file. */
export async function readFully(
  handle: FileHandle,
  target: Uint8Array,
  position: number,
  signal?: AbortSignal,
): Promise<number> {
  let filled = 0;
  while (filled < target.length) {
    signal?.throwIfAborted();
    const length = Math.min(pieceBytes, target.length - filled);
    const { bytesRead } = await handle.read(target, filled, length, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
