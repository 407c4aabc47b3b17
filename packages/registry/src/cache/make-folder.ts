import { lstat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { makeFolder as makeFolderAnywhere } from '@webssl/tensor-files';
import { ifPresent } from '../file-errors.js';
import { type CacheRepository, repositoryFolder } from './cache-paths.js';
import { writingTo } from './write-problem.js';

/**
 * Makes a folder of a repository, and those it lies in, where they are not there.
 * @throws WebsslError `CACHE_PATH_INVALID` where a link would lead elsewhere, `CACHE_UNWRITABLE`, `HUB_DISK_FULL`.
 */
export async function makeFolder(repository: CacheRepository, folder: string): Promise<void> {
  await requireNoLinkBelow(repositoryFolder(repository), folder);
  await writingTo(folder, () => makeFolderAnywhere(folder));
}

/**
 * Refuses a folder that is reached through a symbolic link below `base`. Neither client makes such links between
 * folders, and one that somebody has planted would have files written or removed elsewhere. The base itself may be
 * reached through links: people keep caches and large repositories on other disks. This is no defence against one who
 * changes the cache at the same time: who may write there may replace every file anyway.
 *
 * @throws WebsslError `CACHE_PATH_INVALID`
 */
export async function requireNoLinkBelow(base: string, folder: string): Promise<void> {
  let path = base;
  for (const segment of relative(base, folder).split(sep)) {
    path = join(path, segment);
    const found = await ifPresent(path, lstat(path));
    if (found === undefined) return;
    if (!found.isSymbolicLink()) continue;
    throw new WebsslError({
      code: 'CACHE_PATH_INVALID',
      message: `${path} is a link to another place; a folder of the Hugging Face cache is expected there. Remove the link.`,
      details: { path, base },
    });
  }
}
