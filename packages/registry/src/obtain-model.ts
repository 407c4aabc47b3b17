import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { hubCacheFolder } from './cache/hub-cache-folder.js';
import { missingFiles } from './cache/missing-files.js';
import { findSnapshot, type HubSnapshot, listSnapshots } from './cache/snapshots.js';
import { ifPresent } from './file-errors.js';
import { readHubSettings } from './hub/hub-settings.js';
import { findHubPlace, folderPlace, type ModelPlace } from './locate-model.js';
import type { HubReference, ModelReference } from './model-reference.js';
import { nearModels, unknownModel } from './near-models.js';
import { fetchHubModel } from './pull/pull-model.js';
import type { PullOptions } from './pull/pull-options.js';
import { processorFiles } from './pull/run-files.js';

type ReferenceToFiles = Exclude<ModelReference, { kind: 'synthetic' }>;

/**
 * Where a folder or a hub repository lies. A repository that is not on disk, or not whole, is fetched; one that is there
 * is used as it is, without asking the hub whether its branch has moved.
 *
 * @throws WebsslError `MODEL_NOT_ON_DISK`, `MODEL_UNKNOWN`, `HUB_*`, `CACHE_*`
 */
export async function obtainModel(reference: ReferenceToFiles, options: PullOptions): Promise<ModelPlace> {
  if (reference.kind === 'folder') return folderPlace(reference);
  const place = await findHubPlace(reference, options);
  if (place !== undefined) return place;
  await requireOnline(reference, options);
  const snapshot = await findSnapshot(cacheOf(options), reference.id, reference.revision);
  return fetchHubModel(atKnownCommit(reference, snapshot), options);
}

/** The folder that says how a model's images are prepared; no weights are fetched for it. */
export async function obtainProcessorFolder(
  reference: ReferenceToFiles,
  options: PullOptions,
): Promise<string> {
  if (reference.kind === 'folder') return reference.id;
  const snapshot = await findSnapshot(cacheOf(options), reference.id, reference.revision);
  if (snapshot !== undefined) {
    const file = join(snapshot.folder, 'preprocessor_config.json');
    if ((await ifPresent(file, stat(file))) !== undefined) return snapshot.folder;
  }
  await requireOnline(reference, options);
  return (await fetchHubModel(atKnownCommit(reference, snapshot), options, processorFiles)).folder;
}

/** What is there in part is completed, also where its branch has moved: only `pullModel` follows it. */
function atKnownCommit(reference: HubReference, snapshot: HubSnapshot | undefined): HubReference {
  return snapshot === undefined ? reference : { ...reference, revision: snapshot.commit };
}

async function requireOnline(reference: HubReference, options: PullOptions): Promise<void> {
  const { offline } = await readHubSettings(options);
  if (offline) throw await notOnDisk(reference, options);
}

/** A misspelt catalogue id gets suggestions; anything else is told where it was looked for. */
async function notOnDisk({ id, entry, revision }: HubReference, options: PullOptions): Promise<WebsslError> {
  const suggestions = entry === undefined ? nearModels(id) : [];
  if (suggestions.length > 0) return unknownModel(id, suggestions);
  const cache = cacheOf(options);
  const snapshot = await findSnapshot(cache, id, revision);
  const missing = snapshot === undefined ? [] : await missingFiles(snapshot.folder);
  const snapshots = await listSnapshots(cache, id);
  const isUsable = await Promise.all(
    snapshots.map(async ({ folder }) => (await missingFiles(folder)).length === 0),
  );
  const others = snapshots.filter((_, position) => isUsable[position]);
  const found =
    snapshot === undefined
      ? `Revision ${revision} of ${id} is not in the Hugging Face cache (${cache})`
      : `Revision ${revision} of ${id} is in the Hugging Face cache without ${missing.join(', ')} (${snapshot.folder})`;
  const other =
    others.length === 0
      ? ''
      : ` There are other revisions of it: ask for one (${others.map(({ commit }) => commit).join(', ')}) or give its folder (${others[0]?.folder}).`;
  const synthetic = entry === undefined ? '' : ` To try things out with synthetic weights: random:${id}.`;
  return new WebsslError({
    code: 'MODEL_NOT_ON_DISK',
    message: `${found}, and fetching is turned off (offline).${other} Fetch it where there is a network ('webssl models pull ${id} --revision ${revision}') or give the folder that holds it.${synthetic}`,
    details: { id, revision, cache, missing, otherRevisions: others },
  });
}

function cacheOf({ hubCacheFolder: folder }: PullOptions): string {
  return folder ?? hubCacheFolder();
}
