import { dirname } from 'node:path';
import { makeFolder } from '@webssl/tensor-files';
import { acquireHeartbeatLock, tryHeartbeatLock } from './heartbeat-lock.js';
import type { DownloadLock, WaitOptions } from './held-lock.js';
import { acquireKernelLock, tryKernelLock } from './kernel-lock.js';
import { writingTo } from './write-problem.js';

/**
 * Waits until no other process fetches the content that a lock file stands for, the Python client included. It spares
 * fetching twice, and that is all: nothing in the cache may depend on it, because there are file systems where locks
 * keep nobody out. A file is written under a name of its own, checked, and renamed.
 *
 * Where there is a `flock` program (Linux), this is the kernel's lock that the Python client takes as well, which is
 * free as soon as its holder is dead. Elsewhere a file `<lockFile>.webssl` with a heartbeat, which only webssl heeds.
 *
 * @throws WebsslError `CACHE_UNWRITABLE`, `HUB_DISK_FULL`; the signal's reason; what `onWait` throws.
 */
export async function acquireDownloadLock(
  lockFile: string,
  options: WaitOptions = {},
): Promise<DownloadLock> {
  return inFolderOf(
    lockFile,
    async () =>
      (await acquireKernelLock(lockFile, options)) ??
      (await acquireHeartbeatLock(heartbeatFile(lockFile), options)),
  );
}

/**
 * The lock, or undefined where another process holds it now.
 * @throws WebsslError `CACHE_UNWRITABLE`, `HUB_DISK_FULL`.
 */
export async function tryDownloadLock(lockFile: string): Promise<DownloadLock | undefined> {
  return inFolderOf(lockFile, async () => {
    const outcome = await tryKernelLock(lockFile);
    if (outcome === 'unsupported') return tryHeartbeatLock(heartbeatFile(lockFile));
    return outcome === 'busy' ? undefined : outcome;
  });
}

function heartbeatFile(lockFile: string): string {
  return `${lockFile}.webssl`;
}

async function inFolderOf<Value>(lockFile: string, operation: () => Promise<Value>): Promise<Value> {
  const folder = dirname(lockFile);
  return writingTo(folder, async () => {
    await makeFolder(folder);
    return operation();
  });
}
