import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { findCatalogueEntry } from '../catalogue.js';
import { ifPresent, messageOf } from '../file-errors.js';
import {
  findSyntheticCheckpoint,
  type SyntheticCheckpointId,
  syntheticFolder,
} from './synthetic-checkpoint.js';

/** A synthetic checkpoint that was written before. */
export interface KeptSyntheticCheckpoint {
  /** `random:<catalogue id>@<seed>` */
  readonly id: string;
  readonly folder: string;
  readonly bytes: number;
}

/** Every whole synthetic checkpoint in webssl's cache, by name. */
export async function listSyntheticCheckpoints(
  cacheFolder: string,
): Promise<readonly KeptSyntheticCheckpoint[]> {
  const parent = syntheticFolder(cacheFolder);
  const names = ((await ifPresent(parent, readdir(parent))) ?? []).sort();
  const kept = await Promise.all(
    names.map(async (name) => {
      const [, repository = '', seed = ''] = /^([^.].*)@(\d+)$/.exec(name) ?? [];
      const entry = findCatalogueEntry(repository.replace('--', '/'));
      if (entry === undefined) return undefined;
      const folder = await findSyntheticCheckpoint({ entry, seed: Number(seed), cacheFolder });
      if (folder === undefined) return undefined;
      return { id: `random:${entry.id}@${seed}`, folder, bytes: await folderBytes(folder) };
    }),
  );
  return kept.filter((checkpoint) => checkpoint !== undefined);
}

/**
 * Removes a synthetic checkpoint from webssl's cache.
 *
 * @returns the bytes freed; undefined where it is not there
 * @throws WebsslError `CACHE_UNWRITABLE`
 */
export async function removeSyntheticCheckpoint(
  checkpoint: SyntheticCheckpointId,
): Promise<number | undefined> {
  const folder = await findSyntheticCheckpoint(checkpoint);
  if (folder === undefined) return undefined;
  const bytes = await folderBytes(folder);
  // Under its name there is never half of it, also when this is interrupted.
  const doomed = `${folder}.removed`;
  try {
    await rename(folder, doomed);
    await rm(doomed, { recursive: true });
    return bytes;
  } catch (cause) {
    throw new WebsslError({
      code: 'CACHE_UNWRITABLE',
      message: `${folder} cannot be removed: ${messageOf(cause)}`,
      cause,
      details: { folder },
    });
  }
}

async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((total, size) => total + size, 0);
}
