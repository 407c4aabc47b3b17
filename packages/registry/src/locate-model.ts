import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hubCacheFolder } from './cache/hub-cache-folder.js';
import { missingFiles } from './cache/missing-files.js';
import { commitOfFolder, findSnapshot } from './cache/snapshots.js';
import { cacheFolder } from './cache-folder.js';
import { ifPresent } from './file-errors.js';
import {
  type FolderReference,
  type HubReference,
  type ModelReference,
  parseModelReference,
} from './model-reference.js';
import { findSyntheticCheckpoint } from './synthetic/synthetic-checkpoint.js';

/** Where models are looked for. */
export interface LocateOptions {
  /** Branch, tag or commit of a hub repository. Default: the catalogue's revision, `main` for other repositories. */
  readonly revision?: string;
  /** The Hugging Face cache. Default: as its Python client finds it (see {@link hubCacheFolder}). */
  readonly hubCacheFolder?: string;
  /** webssl's own cache, where synthetic checkpoints lie. Default: that of `cacheFolder()`. */
  readonly cacheFolder?: string;
}

/** A checkpoint folder on disk. */
export interface LocatedModel {
  /** The catalogue or hub id, the folder as given, or `random:<id>@<seed>`. */
  readonly id: string;
  readonly folder: string;
  /** Commit of the hub repository, where it is known. */
  readonly revision: string | undefined;
  /** Length of its safetensors files together. */
  readonly bytes: number;
}

/**
 * Where a model lies on disk; undefined when the reference is valid and nothing is there, or not all that a run needs.
 * Fetches and makes nothing.
 *
 * @param reference a checkpoint folder, a catalogue id (`facebook/` optional), a hub id `organisation/name`, or
 * `random:<catalogue id>[@seed]`
 * @throws WebsslError `MODEL_UNKNOWN`, `MODEL_SEED_INVALID`, `MODEL_REVISION_INVALID`, `CHECKPOINT_FOLDER_MISSING`,
 * `CHECKPOINT_NOT_A_FOLDER`, `CHECKPOINT_FILE_UNREADABLE`.
 */
export async function locateModel(
  reference: string,
  options: LocateOptions = {},
): Promise<LocatedModel | undefined> {
  const parsed = await parseModelReference(reference, options.revision);
  const place = await findPlace(parsed, options);
  return place && { ...place, bytes: await weightBytes(place.folder) };
}

/** Where a checkpoint lies, without the size of its weights. */
export type ModelPlace = Omit<LocatedModel, 'bytes'>;

async function findPlace(reference: ModelReference, options: LocateOptions): Promise<ModelPlace | undefined> {
  switch (reference.kind) {
    case 'folder':
      return folderPlace(reference);
    case 'hub':
      return findHubPlace(reference, options);
    case 'synthetic': {
      const { id, entry, seed } = reference;
      const folder = await findSyntheticCheckpoint({
        entry,
        seed,
        cacheFolder: options.cacheFolder ?? cacheFolder(),
      });
      return folder === undefined ? undefined : { id, folder, revision: undefined };
    }
  }
}

export async function folderPlace({ id }: FolderReference): Promise<ModelPlace> {
  return { id, folder: id, revision: commitOfFolder(await realpath(id)) };
}

/** A snapshot that has all that a run needs. */
export async function findHubPlace(
  { id, revision }: HubReference,
  options: LocateOptions,
): Promise<ModelPlace | undefined> {
  const snapshot = await findSnapshot(options.hubCacheFolder ?? hubCacheFolder(), id, revision);
  if (snapshot === undefined || (await missingFiles(snapshot.folder)).length > 0) return undefined;
  return { id, folder: snapshot.folder, revision: snapshot.commit };
}

/** Length of the safetensors files of a folder together. */
export async function weightBytes(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.safetensors'));
  const sizes = await Promise.all(
    names.map(async (name) => (await ifPresent(join(folder, name), stat(join(folder, name))))?.size ?? 0),
  );
  return sizes.reduce((total, size) => total + size, 0);
}
