import { rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { freeBytesAt } from '@webssl/tensor-files';
import { ifPresent } from '../file-errors.js';
import { diskError } from './disk-error.js';
import { partPaths } from './part-paths.js';

/**
 * Removes the bytes that an earlier download to `destination` has put aside, where there are any: nothing needs them.
 * @throws WebsslError `CACHE_UNWRITABLE`.
 */
export async function removeRejected(destination: string): Promise<void> {
  const { rejected } = partPaths(destination);
  try {
    await rm(rejected, { force: true });
  } catch (error) {
    throw diskError(error, { path: rejected, destination });
  }
}

/**
 * Removes them where the disk has no room for another file as long as they are.
 * @throws WebsslError `CACHE_UNWRITABLE`, `CHECKPOINT_FILE_UNREADABLE`.
 */
export async function removeRejectedForSpace(destination: string): Promise<void> {
  const { rejected } = partPaths(destination);
  const found = await ifPresent(rejected, stat(rejected));
  if (found === undefined) return;
  const folder = dirname(destination);
  const freeBytes = await ifPresent(folder, freeBytesAt(folder));
  if (freeBytes !== undefined && freeBytes < found.size) await removeRejected(destination);
}
