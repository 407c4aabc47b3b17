import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ifPresent } from '../file-errors.js';
import { isCommit, snapshotFolder, snapshotsFolder } from './cache-paths.js';
import { readReference } from './references.js';

/** A revision of a hub repository in the Hugging Face cache. */
export interface HubSnapshot {
  /** The folder with the files (often symbolic links), `snapshots/<commit>` of the repository. */
  readonly folder: string;
  readonly commit: string;
}

/**
 * A revision (branch, tag or commit) of a repository in the cache; undefined when it is not there. Only reads. Its files
 * may be there in part: see `missingFiles`.
 * @throws WebsslError `MODEL_REVISION_INVALID` for a text that cannot be a revision, `CACHE_PATH_INVALID` for one that
 * cannot be an id.
 */
export async function findSnapshot(
  cache: string,
  id: string,
  revision: string,
): Promise<HubSnapshot | undefined> {
  const repository = { cache, id };
  const commit = isCommit(revision) ? revision : await readReference(repository, revision);
  if (commit === undefined) return undefined;
  const folder = snapshotFolder(repository, commit);
  const isFolder = (await ifPresent(folder, stat(folder)))?.isDirectory() ?? false;
  return isFolder ? { folder, commit } : undefined;
}

/** Every commit of a repository in the cache, in order. */
export async function listSnapshots(cache: string, id: string): Promise<readonly HubSnapshot[]> {
  const folder = snapshotsFolder({ cache, id });
  const entries = (await ifPresent(folder, readdir(folder, { withFileTypes: true }))) ?? [];
  return entries
    .filter((entry) => isCommit(entry.name) && !entry.isFile())
    .map(({ name }) => name)
    .sort()
    .map((commit) => ({ folder: join(folder, commit), commit }));
}

/** The commit that a folder of the cache holds; undefined for folders elsewhere. */
export function commitOfFolder(realFolder: string): string | undefined {
  return /[\\/]models--[^\\/]+[\\/]snapshots[\\/]([0-9a-f]{40})$/.exec(realFolder)?.[1];
}
