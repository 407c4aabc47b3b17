import { lstat, rename, rm } from 'node:fs/promises';
import { ifPresent } from '../file-errors.js';
import { partPaths } from '../transfer/part-paths.js';
import { blobFile, blobsFolder, type CacheRepository, snapshotFile } from './cache-paths.js';
import { whileLocked } from './lock-contents.js';
import { writingTo } from './write-problem.js';

/** A file of a snapshot whose content is not what it should be. */
export interface DamagedFile {
  readonly commit: string;
  /** Path inside the repository, with `/`. */
  readonly path: string;
  /** The digest that its content should have. */
  readonly digest: string;
}

/**
 * Takes a damaged content out of the cache, so that it counts as missing: a blob is kept beside its place under the name
 * of a refused download; of one in the store that the Python client shares between repositories only the link goes. A
 * file without a blob is removed, and one that is another name of its blob together with that.
 *
 * @throws WebsslError `CACHE_BUSY` while another process fetches it, `CACHE_UNWRITABLE`, `CACHE_PATH_INVALID`.
 */
export async function putAside(
  repository: CacheRepository,
  { commit, path, digest }: DamagedFile,
): Promise<void> {
  const file = snapshotFile(repository, commit, path);
  const blob = blobFile(repository, digest);
  await whileLocked(repository, [digest], () =>
    writingTo(blobsFolder(repository), async () => {
      const found = await ifPresent(file, lstat(file, { bigint: true }));
      const content = await ifPresent(blob, lstat(blob, { bigint: true }));
      if (found?.isFile()) {
        await rm(file);
        if (found.dev !== content?.dev || found.ino !== content.ino) return;
      }
      return content?.isFile() ? rename(blob, partPaths(blob).rejected) : rm(blob, { force: true });
    }),
  );
}
