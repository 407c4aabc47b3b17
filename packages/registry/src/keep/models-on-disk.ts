import { join } from 'node:path';
import { hubCacheFolder } from '../cache/hub-cache-folder.js';
import { type CachedRepository, listRepositories } from '../cache/list-repositories.js';
import { missingFiles } from '../cache/missing-files.js';
import { cacheFolder } from '../cache-folder.js';
import { findCatalogueEntry } from '../catalogue.js';
import type { LocateOptions } from '../locate-model.js';
import { parseModelConfig } from '../parse-model-config.js';
import { readJsonFile } from '../read-json-file.js';
import { listSyntheticCheckpoints } from '../synthetic/kept-synthetic-checkpoints.js';

/** A model on this machine, whole or in part. */
export interface ModelOnDisk {
  /** `organisation/name`, or `random:<id>@<seed>` for synthetic weights. */
  readonly id: string;
  /** Of a hub repository. */
  readonly commit: string | undefined;
  /** Branches and tags that pointed to the commit when they were last fetched. */
  readonly references: readonly string[];
  readonly folder: string;
  /** Of its files; each content counts once. */
  readonly bytes: number;
  /** What other downloads of the repository have left unfinished. */
  readonly partialBytes: number;
  /** Files that a run needs and that are not there. Empty for a model that can be run. */
  readonly missing: readonly string[];
}

/**
 * The models in the Hugging Face cache that webssl can run, or could when they were whole, and the synthetic ones in
 * webssl's own cache. Reads only configurations; other models in the cache are passed over.
 *
 * @throws WebsslError `CHECKPOINT_FILE_UNREADABLE` when a cache cannot be read.
 */
export async function modelsOnDisk(
  options: Pick<LocateOptions, 'hubCacheFolder' | 'cacheFolder'> = {},
): Promise<readonly ModelOnDisk[]> {
  const repositories = await listRepositories(options.hubCacheFolder ?? hubCacheFolder());
  const fetched = await Promise.all(repositories.map(modelsOf));
  const synthetic = await listSyntheticCheckpoints(options.cacheFolder ?? cacheFolder());
  const made = synthetic.map((checkpoint) => ({
    ...checkpoint,
    commit: undefined,
    references: [],
    partialBytes: 0,
    missing: [],
  }));
  return [...fetched.flat(), ...made];
}

async function modelsOf({ id, snapshots, partialBytes }: CachedRepository): Promise<readonly ModelOnDisk[]> {
  const models = await Promise.all(
    snapshots.map(async ({ commit, folder, references, files, bytes }) => ({
      model: {
        id,
        commit,
        references,
        folder,
        bytes,
        partialBytes,
        missing: await missingFiles(folder),
      },
      // webssl links files at the end, so of an unfinished download there is nothing yet to tell what it is.
      isOurs:
        findCatalogueEntry(id) !== undefined ||
        (files.length === 0 && partialBytes > 0) ||
        (await isRunnable(folder)),
    })),
  );
  return models.filter(({ isOurs }) => isOurs).map(({ model }) => model);
}

async function isRunnable(folder: string): Promise<boolean> {
  const file = join(folder, 'config.json');
  try {
    parseModelConfig(await readJsonFile(file), file);
    return true;
  } catch {
    return false;
  }
}
