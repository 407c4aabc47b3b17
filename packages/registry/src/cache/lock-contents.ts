import { WebsslError } from '@webssl/backend';
import { type CacheRepository, lockFile } from './cache-paths.js';
import { tryDownloadLock } from './download-lock.js';
import type { DownloadLock } from './held-lock.js';

/**
 * Does something while no other process fetches any of these contents of a repository.
 * @throws WebsslError `CACHE_BUSY` when one does, `CACHE_UNWRITABLE`, `HUB_DISK_FULL`.
 */
export async function whileLocked<Value>(
  repository: CacheRepository,
  digests: Iterable<string>,
  operation: () => Promise<Value>,
): Promise<Value> {
  const locks: DownloadLock[] = [];
  try {
    for (const digest of new Set(digests)) {
      const lock = await tryDownloadLock(lockFile(repository, digest));
      if (lock === undefined) throw busy(repository, digest);
      locks.push(lock);
    }
    return await operation();
  } finally {
    await Promise.all(locks.map((lock) => lock.release()));
  }
}

/** The error that says so. */
export function busy({ id, cache }: CacheRepository, digest: string): WebsslError {
  return new WebsslError({
    code: 'CACHE_BUSY',
    message: `Another process fetches files of ${id} in ${cache}. Wait until it has ended, or end it; then remove again.`,
    details: { id, cache, digest },
  });
}
