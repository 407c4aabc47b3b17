import { WebsslError } from '@webssl/backend';
import { hubCacheFolder, listSnapshots } from './hub-cache.js';
import { findHubPlace, folderPlace, type LocateOptions, type ModelPlace } from './locate-model.js';
import type { HubReference, ModelReference } from './model-reference.js';
import { nearModels, unknownModel } from './near-models.js';

/**
 * Where a folder or a hub repository lies.
 *
 * @throws WebsslError `MODEL_NOT_ON_DISK`, `MODEL_UNKNOWN`
 */
export async function placeOnDisk(
  reference: Exclude<ModelReference, { kind: 'synthetic' }>,
  options: LocateOptions,
): Promise<ModelPlace> {
  if (reference.kind === 'folder') return folderPlace(reference);
  const place = await findHubPlace(reference, options);
  if (place === undefined) throw await notOnDisk(reference, options);
  return place;
}

/** A misspelt catalogue id gets suggestions; anything else is told where it was looked for. */
async function notOnDisk(
  { id, entry, revision }: HubReference,
  options: LocateOptions,
): Promise<WebsslError> {
  const suggestions = entry === undefined ? nearModels(id) : [];
  if (suggestions.length > 0) return unknownModel(id, suggestions);
  const cache = options.hubCacheFolder ?? hubCacheFolder();
  const others = await listSnapshots(cache, id);
  const synthetic = entry === undefined ? '' : ` To try things out with synthetic weights: random:${id}.`;
  const advice =
    others.length > 0
      ? `There are other revisions of it: ask for one (${others.map(({ commit }) => commit).join(', ')}) or give its folder (${others[0]?.folder}).`
      : `Download it ('hf download ${id} --revision ${revision}') or give the folder that holds it.`;
  return new WebsslError({
    code: 'MODEL_NOT_ON_DISK',
    message: `Revision ${revision} of ${id} is not in the Hugging Face cache (${cache}). ${advice}${synthetic}`,
    details: { id, revision, cache, otherRevisions: others },
  });
}
