import { stat } from 'node:fs/promises';
import { WebsslError } from '@webssl/backend';
import { shellQuote } from '@webssl/backend/host';
import { hubCacheFolder } from '../cache/hub-cache-folder.js';
import { removePartialDownloads, removeSnapshot } from '../cache/remove-snapshot.js';
import { findSnapshot, listSnapshots } from '../cache/snapshots.js';
import { cacheFolder } from '../cache-folder.js';
import type { LocateOptions } from '../locate-model.js';
import { noRevisions, parseHubReference, parseSyntheticReference } from '../model-reference.js';
import { removeSyntheticCheckpoint } from '../synthetic/kept-synthetic-checkpoints.js';
import { notKept } from './not-kept.js';

/** What was removed. */
export interface RemovedModel {
  readonly id: string;
  /** The commit, where one was named; undefined: everything of the model. */
  readonly revision: string | undefined;
  readonly freedBytes: number;
}

/**
 * Removes a model from its cache: one revision where one is named, otherwise all, with what unfinished downloads left.
 * Contents that another revision uses stay.
 *
 * @param reference a catalogue id (`facebook/` optional), a hub id, or `random:<catalogue id>[@seed]`; never a folder
 * @throws WebsslError `MODEL_NOT_ON_DISK`, also for a folder, `MODEL_UNKNOWN`, `MODEL_SEED_INVALID`, `MODEL_REVISION_INVALID`, `CACHE_BUSY`
 * while another process fetches it, `CACHE_UNWRITABLE`
 */
export async function removeModel(reference: string, options: LocateOptions = {}): Promise<RemovedModel> {
  const synthetic = parseSyntheticReference(reference);
  if (synthetic !== undefined) {
    if (options.revision !== undefined) throw noRevisions(reference, options.revision);
    const folder = options.cacheFolder ?? cacheFolder();
    const freedBytes = await removeSyntheticCheckpoint({ ...synthetic, cacheFolder: folder });
    if (freedBytes === undefined) throw await notKept(synthetic.id, undefined, folder);
    return { id: synthetic.id, revision: undefined, freedBytes };
  }
  await refuseFolder(reference);
  const { id } = parseHubReference(reference);
  const cache = options.hubCacheFolder ?? hubCacheFolder();
  const place = { cache, id };
  if (options.revision !== undefined) {
    const snapshot = await findSnapshot(cache, id, options.revision);
    if (snapshot === undefined) throw await notKept(id, options.revision, cache);
    return { id, revision: snapshot.commit, ...(await removeSnapshot(place, snapshot.commit)) };
  }
  let freedBytes = 0;
  const snapshots = await listSnapshots(cache, id);
  for (const { commit } of snapshots) freedBytes += (await removeSnapshot(place, commit)).freedBytes;
  freedBytes += (await removePartialDownloads(place)).freedBytes;
  if (snapshots.length === 0 && freedBytes === 0) throw await notKept(id, undefined, cache);
  return { id, revision: undefined, freedBytes };
}

/** A folder comes before a hub repository of the same name, here as wherever a model is named. */
async function refuseFolder(reference: string): Promise<void> {
  const status = await stat(reference).catch(() => undefined);
  if (!status?.isDirectory()) return;
  throw new WebsslError({
    code: 'MODEL_NOT_ON_DISK',
    message: `${reference} is a folder of yours and no model in a cache: remove it yourself. What was derived from it goes with ${shellQuote(['webssl', 'models', 'remove', '--derived', reference])}`,
    details: { model: reference },
  });
}
