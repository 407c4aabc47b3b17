import { WebsslError } from '@webssl/backend';
import { isCommit } from '../cache/cache-paths.js';
import { hubCacheFolder } from '../cache/hub-cache-folder.js';
import { readHubSettings } from '../hub/hub-settings.js';
import { findHubPlace, type LocatedModel, weightBytes } from '../locate-model.js';
import { type HubReference, parseHubReference } from '../model-reference.js';
import { nearModels } from '../near-models.js';
import type { PullOptions } from './pull-options.js';
import { pullRepository, type SelectFiles } from './pull-repository.js';
import { filesOfRun } from './run-files.js';

/**
 * Fetches a model from the hub (or a mirror) into the Hugging Face cache: `config.json`, `preprocessor_config.json` and the
 * safetensors files. Goes on where an earlier try ended, verifies every file, and fetches nothing that is there already.
 * A commit that is on disk is not asked for again; a branch or tag is, since it may have moved.
 *
 * @param reference a catalogue id (`facebook/` optional) or a hub id `organisation/name`
 * @throws WebsslError `HUB_*`, `CACHE_*` (the package's README has the table), `MODEL_UNKNOWN`, `MODEL_REVISION_INVALID`.
 */
export async function pullModel(reference: string, options: PullOptions = {}): Promise<LocatedModel> {
  const hub = parseHubReference(reference, options.revision);
  requireConnections(options.connections);
  const place = (await placeWithoutNetwork(hub, options)) ?? (await fetchHubModel(hub, options));
  return { ...place, bytes: await weightBytes(place.folder) };
}

/** Fetches a model that is not on disk. */
export async function fetchHubModel(
  hub: HubReference,
  options: PullOptions,
  select: SelectFiles = filesOfRun,
): Promise<Omit<LocatedModel, 'bytes'>> {
  try {
    const { folder, commit } = await pullRepository(hub, select, options);
    return { id: hub.id, folder, revision: commit };
  } catch (error) {
    throw withSuggestions(error, hub);
  }
}

function requireConnections(connections = 1): void {
  if (Number.isInteger(connections) && connections >= 1) return;
  throw new WebsslError({
    code: 'HUB_SETTING_INVALID',
    message: `connections must be a whole number of at least 1, not ${connections}`,
    details: { connections },
  });
}

async function placeWithoutNetwork(
  hub: HubReference,
  options: PullOptions,
): Promise<Omit<LocatedModel, 'bytes'> | undefined> {
  const { offline } = await readHubSettings(options);
  // Comes before the network also because it refuses what cannot be a revision.
  const place = await findHubPlace(hub, options);
  if (place !== undefined && (offline || isCommit(hub.revision))) return place;
  if (!offline) return undefined;
  throw new WebsslError({
    code: 'HUB_OFFLINE',
    message: `Revision ${hub.revision} of ${hub.id} is not whole in the Hugging Face cache (${options.hubCacheFolder ?? hubCacheFolder()}), and fetching is turned off (HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE or --offline). Turn it on, or fetch the model on another machine and copy its folder.`,
    details: { id: hub.id, revision: hub.revision },
  });
}

/** The hub does not tell a misspelt name from a private one; the catalogue often does. */
function withSuggestions(error: unknown, { id, entry }: HubReference): unknown {
  if (!WebsslError.isInstance(error) || error.code !== 'HUB_REPOSITORY_NOT_FOUND' || entry !== undefined)
    return error;
  const suggestions = nearModels(id);
  if (suggestions.length === 0) return error;
  return new WebsslError({
    code: error.code,
    message: `${error.message} Did you mean ${suggestions.join(' or ')}?`,
    details: { ...error.details, suggestions },
    cause: error,
  });
}
