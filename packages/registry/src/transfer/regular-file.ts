import { constants, type FileHandle, lstat, open } from 'node:fs/promises';
import { WebsslError } from '@webssl/backend';
import { isMissing } from '../file-errors.js';

/** Windows has no such flag: there, only the look before the opening finds a link. */
const noFollow = constants.O_NOFOLLOW ?? 0;

/**
 * Opens a file that only downloads make. A link that somebody has planted under its name would have another file
 * overwritten, so it is not followed.
 *
 * @throws WebsslError `CACHE_UNWRITABLE` where what is there is no regular file; errors of the file system.
 */
export async function openRegularFile(path: string, flags: number): Promise<FileHandle> {
  await requireRegularFile(path);
  return open(path, flags | noFollow);
}

/** @throws WebsslError `CACHE_UNWRITABLE` where something is there that is no regular file. */
export async function requireRegularFile(path: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (found === undefined || found.isFile()) return;
  const kind = found.isSymbolicLink() ? 'a link' : found.isDirectory() ? 'a folder' : 'no regular file';
  throw new WebsslError({
    code: 'CACHE_UNWRITABLE',
    message: `${path} is ${kind}; a file that belongs to a download is expected there. Remove it, then run it again.`,
    details: { path },
  });
}
