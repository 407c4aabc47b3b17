import { WebsslError } from '@webssl/backend';
import { isSystemError, messageOf } from '../file-errors.js';

/**
 * What `operation` gives; where the cache cannot be written, an error that names the folder and the way out.
 * @throws WebsslError `CACHE_UNWRITABLE`, `HUB_DISK_FULL`; those that the operation throws itself.
 */
export async function writingTo<Value>(folder: string, operation: () => Promise<Value>): Promise<Value> {
  try {
    return await operation();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw fullCodes.has(error.code) ? full(folder, error) : unwritable(folder, error);
  }
}

const fullCodes: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);

function unwritable(folder: string, cause: Error): WebsslError {
  return new WebsslError({
    code: 'CACHE_UNWRITABLE',
    message: `The cache cannot be written at ${folder}: ${messageOf(cause)}. Set HF_HUB_CACHE, or --cache-dir on the command line, to a folder that can be written.`,
    cause,
    details: { folder },
  });
}

function full(folder: string, cause: Error): WebsslError {
  return new WebsslError({
    code: 'HUB_DISK_FULL',
    message: `There is no space left for the cache at ${folder}: ${messageOf(cause)}. Free some, or set HF_HUB_CACHE, or --cache-dir on the command line, to a folder on another disk.`,
    cause,
    details: { folder },
  });
}
