import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder as makeFolderAnywhere } from '@webssl/tensor-files';
import { blobsFolder, type CacheRepository, locksFolder, snapshotFolder } from './cache-paths.js';
import { makeFolder } from './make-folder.js';
import { writingTo } from './write-problem.js';

/** The Cache Directory Tagging Standard's signature, in the words of the Python client: the same file, whoever made it. */
const cacheTag = [
  'Signature: 8a477f597d28d172789f06886806bc55',
  '# This file is a cache directory tag created by huggingface_hub.',
  '# For information about cache directory tags, see:',
  '#\thttps://bford.info/cachedir/',
  '',
].join('\n');

/**
 * Makes the folders that a download into a snapshot needs, and the cache's tag, by which backup tools leave it out.
 * @throws WebsslError `CACHE_PATH_INVALID`, `CACHE_UNWRITABLE`, `HUB_DISK_FULL`.
 */
export async function prepareRepository(repository: CacheRepository, commit: string): Promise<void> {
  const snapshot = snapshotFolder(repository, commit);
  await makeFolder(repository, blobsFolder(repository));
  await makeFolder(repository, snapshot);
  const locks = locksFolder(repository);
  await writingTo(locks, () => makeFolderAnywhere(locks));
  // Of no use to the download itself. An existing one stays.
  await writeFile(join(repository.cache, 'CACHEDIR.TAG'), cacheTag, { flag: 'wx' }).catch(() => undefined);
}
