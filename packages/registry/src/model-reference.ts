import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { isHubId } from './cache/repository-id.js';
import { type CatalogueEntry, findCatalogueEntry } from './catalogue.js';
import { ifPresent } from './file-errors.js';
import { unknownModel } from './near-models.js';

/** What a user's name of a model stands for. `id` is the name made whole: what a checkpoint is called in results. */
export type ModelReference = FolderReference | HubReference | SyntheticReference;

export interface FolderReference {
  readonly kind: 'folder';
  /** The folder, as given. */
  readonly id: string;
}

export interface HubReference {
  readonly kind: 'hub';
  readonly id: string;
  readonly entry: CatalogueEntry | undefined;
  /** Branch, tag or commit. */
  readonly revision: string;
}

interface SyntheticReference {
  readonly kind: 'synthetic';
  /** `random:<catalogue id>@<seed>` */
  readonly id: string;
  readonly entry: CatalogueEntry;
  readonly seed: number;
}

const largestSeed = 2 ** 32 - 1;

/**
 * Understands `random:<catalogue id>[@seed]`, a folder, a catalogue id and a hub id. As in the reference, an existing
 * folder comes before a hub repository of the same name.
 *
 * @param revision of a hub repository; default: the catalogue's, `main` for other repositories
 * @throws WebsslError `MODEL_UNKNOWN`, `MODEL_SEED_INVALID`, `MODEL_REVISION_INVALID`, `CHECKPOINT_FOLDER_MISSING`,
 * `CHECKPOINT_NOT_A_FOLDER`, `CHECKPOINT_FILE_UNREADABLE`.
 */
export async function parseModelReference(text: string, revision?: string): Promise<ModelReference> {
  const reference = parseSyntheticReference(text) ?? (await parseFolderOrHub(text, revision));
  if (reference.kind !== 'hub' && revision !== undefined) throw noRevisions(text, revision);
  return reference;
}

/** The error for a revision of something that has none. */
export function noRevisions(text: string, revision: string): WebsslError {
  return new WebsslError({
    code: 'MODEL_REVISION_INVALID',
    message: `Revision '${revision}' was asked of ${text}, but only hub repositories have revisions`,
    details: { revision, reference: text },
  });
}

async function parseFolderOrHub(text: string, revision?: string): Promise<FolderReference | HubReference> {
  const found = text === '' ? undefined : await ifPresent(text, stat(text));
  if (found?.isDirectory()) return { kind: 'folder', id: text };
  if (found !== undefined) {
    throw new WebsslError({
      code: 'CHECKPOINT_NOT_A_FOLDER',
      message: `${text} is a file. Name the folder that holds it: a checkpoint is config.json, preprocessor_config.json and the weights.`,
      details: { path: text },
    });
  }
  const hub = findHubReference(text, revision);
  if (hub !== undefined) return hub;
  if (looksLikePath(text)) {
    throw new WebsslError({
      code: 'CHECKPOINT_FOLDER_MISSING',
      message: `There is no folder ${text}. Name the one that holds config.json, preprocessor_config.json and the weights.`,
      details: { folder: text },
    });
  }
  throw unknownModel(text);
}

/**
 * Understands a catalogue id or a hub id, also where a folder has the same name.
 * @throws WebsslError `MODEL_UNKNOWN`, `MODEL_NOT_OF_HUB` for synthetic weights
 */
export function parseHubReference(text: string, revision?: string): HubReference {
  if (text.startsWith('random:')) {
    throw new WebsslError({
      code: 'MODEL_NOT_OF_HUB',
      message: `${text} names synthetic weights. They are written on this machine when they are first used; there is nothing to fetch or to compare with.`,
      details: { reference: text },
    });
  }
  const hub = findHubReference(text, revision);
  if (hub === undefined) throw unknownModel(text);
  return hub;
}

function findHubReference(text: string, revision: string | undefined): HubReference | undefined {
  const entry = findCatalogueEntry(text);
  if (entry !== undefined) return { kind: 'hub', id: entry.id, entry, revision: revision ?? entry.revision };
  return isHubId(text) ? { kind: 'hub', id: text, entry, revision: revision ?? 'main' } : undefined;
}

/**
 * Understands `random:<catalogue id>[@seed]`; undefined for any other name.
 * @throws WebsslError `MODEL_UNKNOWN`, `MODEL_SEED_INVALID`
 */
export function parseSyntheticReference(text: string): SyntheticReference | undefined {
  if (!text.startsWith('random:')) return undefined;
  const [id = '', seedText = '0', ...rest] = text.slice('random:'.length).split('@');
  const seed = Number(seedText);
  if (rest.length > 0 || !/^\d+$/.test(seedText) || seed > largestSeed) {
    throw new WebsslError({
      code: 'MODEL_SEED_INVALID',
      message: `'${text}' has no valid seed: expected random:<catalogue id>@<whole number up to ${largestSeed}>`,
      details: { reference: text },
    });
  }
  const entry = findCatalogueEntry(id);
  if (entry === undefined) throw unknownModel(id);
  return { kind: 'synthetic', id: `random:${entry.id}@${seed}`, entry, seed };
}

function looksLikePath(text: string): boolean {
  return isAbsolute(text) || /^[.~]|[\\/]/.test(text);
}
