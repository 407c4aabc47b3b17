import { hubCacheFolder } from '../cache/hub-cache-folder.js';
import { putAside } from '../cache/put-aside.js';
import { findSnapshot } from '../cache/snapshots.js';
import { type VerifiedFile, type VerifyProgress, verifySnapshot } from '../cache/verify-snapshot.js';
import { isPickle } from '../is-pickle.js';
import type { LocateOptions } from '../locate-model.js';
import { parseHubReference } from '../model-reference.js';
import { fetchHubModel } from '../pull/pull-model.js';
import type { PullOptions } from '../pull/pull-options.js';
import { filesOfRun } from '../pull/run-files.js';
import { notKept } from './not-kept.js';

export interface VerifyModelOptions extends Pick<LocateOptions, 'revision' | 'hubCacheFolder'> {
  /** Rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called for every piece that is read. */
  readonly onProgress?: (progress: VerifyProgress) => void;
}

/** What became of a model's files. */
export interface VerifiedModel {
  readonly id: string;
  readonly commit: string;
  readonly folder: string;
  readonly files: readonly VerifiedFile[];
}

/**
 * Hashes every file of a model in the Hugging Face cache again and compares with what the hub said when it was fetched.
 * Needs no network and changes nothing.
 *
 * @param reference a catalogue id (`facebook/` optional) or a hub id
 * @throws WebsslError `MODEL_NOT_ON_DISK`, `MODEL_UNKNOWN`, `MODEL_REVISION_INVALID`, `CHECKPOINT_FILE_UNREADABLE`
 */
export async function verifyModel(
  reference: string,
  options: VerifyModelOptions = {},
): Promise<VerifiedModel> {
  const { id, revision } = parseHubReference(reference, options.revision);
  const cache = options.hubCacheFolder ?? hubCacheFolder();
  const snapshot = await findSnapshot(cache, id, revision);
  if (snapshot === undefined) throw await notKept(id, revision, cache);
  return { id, ...snapshot, files: await verifySnapshot(snapshot, options) };
}

/**
 * Puts the damaged files of a model aside and fetches them, and missing ones that a run needs, again. Nothing is put aside
 * before the hub has told what the model's files are.
 *
 * @param verified what {@link verifyModel} found
 * @throws WebsslError `HUB_*`, `CACHE_*`
 */
export async function repairModel(
  { id, commit, files }: VerifiedModel,
  options: Omit<PullOptions, 'revision'> = {},
): Promise<void> {
  const place = { cache: options.hubCacheFolder ?? hubCacheFolder(), id };
  const damaged = new Map(
    files.filter(({ state }) => state === 'damaged').map(({ path, expected }) => [path, expected]),
  );
  await fetchHubModel(parseHubReference(id, commit), { ...options, revision: commit }, async (repository) => {
    const needed = filesOfRun(repository);
    // Other programs may have brought more than a run needs. Pickles stay theirs.
    const others = repository.files.filter(
      (file) => damaged.has(file.path) && !needed.includes(file) && !isPickle(file.path),
    );
    const wanted = [...others, ...needed];
    for (const { path } of wanted) {
      const digest = damaged.get(path);
      if (digest !== undefined) await putAside(place, { commit, path, digest });
    }
    return wanted;
  });
}
