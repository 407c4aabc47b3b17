import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { freeBytesAt, makeFolder } from '@webssl/tensor-files';
import type { CatalogueEntry } from '../catalogue.js';
import { ifPresent, messageOf } from '../file-errors.js';
import { type PlannedFile, planCheckpoint, recipeVersion } from './checkpoint-plan.js';
import { fillWeights } from './fill-weights.js';

/** Which synthetic checkpoint is meant. */
export interface SyntheticCheckpointId {
  readonly entry: CatalogueEntry;
  readonly seed: number;
  /** webssl's own cache, as `cacheFolder()` finds it. */
  readonly cacheFolder: string;
}

/** How a synthetic checkpoint is written. */
export interface SyntheticCheckpointOptions extends SyntheticCheckpointId {
  /** Called while the weights are written; never when the checkpoint is there already. */
  readonly onProgress?: (progress: { readonly writtenBytes: number; readonly totalBytes: number }) => void;
  /** Rejects with the signal's reason; what was written is removed. */
  readonly signal?: AbortSignal;
  /** Worker threads. Default: one a core, at most 8. The bytes do not depend on it. */
  readonly workers?: number;
  /** File of the worker (`@webssl/registry/synthetic-worker`), where a bundler has moved it. */
  readonly workerEntry?: string | URL;
}

/** A partial folder that nobody has written to for so long is what a killed process left. */
const abandonedAfterMilliseconds = 60 * 60 * 1000;

/** The folder of a synthetic checkpoint that was written before, completely; undefined where there is none. */
export async function findSyntheticCheckpoint({
  entry,
  seed,
  cacheFolder,
}: SyntheticCheckpointId): Promise<string | undefined> {
  const { parent, name } = placeOf(entry, seed, cacheFolder);
  const folder = join(parent, name);
  return (await isComplete(folder, planCheckpoint(entry, seed))) ? folder : undefined;
}

/**
 * Writes a checkpoint of an entry's architecture with seeded random weights, unless it is there already: config.json,
 * preprocessor_config.json and the safetensors files, named and split as the published ones, with `webssl.synthetic` =
 * `true` and `webssl.seed` in their metadata and `webssl` in config.json. The same entry and seed give the same bytes on
 * every machine. The folder appears when it is complete; processes that make the same one at once do not disturb each other.
 *
 * @throws WebsslError `SYNTHETIC_DISK_FULL`, `SYNTHETIC_WRITE_FAILED`.
 */
export async function ensureSyntheticCheckpoint(
  options: SyntheticCheckpointOptions,
): Promise<{ readonly folder: string }> {
  const { entry, seed, cacheFolder, signal } = options;
  signal?.throwIfAborted();
  const { parent, name } = placeOf(entry, seed, cacheFolder);
  const folder = join(parent, name);
  const files = planCheckpoint(entry, seed);
  if (await isComplete(folder, files)) return { folder };

  const partial = join(parent, `.${name}.${randomBytes(8).toString('hex')}.partial`);
  try {
    await makeFolder(parent);
    await removeAbandoned(parent, name);
    await requireSpace(parent, name, files);
    await mkdir(partial);
    await write(partial, files, options);
    await publish(partial, folder, files);
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => undefined);
    if (WebsslError.isInstance(error) || (signal?.aborted && error === signal.reason)) throw error;
    throw new WebsslError({
      code: 'SYNTHETIC_WRITE_FAILED',
      message: `The synthetic checkpoint ${name} cannot be written to ${parent}: ${messageOf(error)}. Where the folder is the trouble, set WEBSSL_CACHE to another one.`,
      cause: error,
      details: { folder },
    });
  }
  return { folder };
}

/** Where the synthetic checkpoints of this recipe lie. */
export function syntheticFolder(cacheFolder: string): string {
  return join(cacheFolder, 'synthetic', `recipe-${recipeVersion}`);
}

function placeOf(
  { id }: CatalogueEntry,
  seed: number,
  cacheFolder: string,
): { readonly parent: string; readonly name: string } {
  return {
    parent: syntheticFolder(cacheFolder),
    name: `${id.replaceAll('/', '--')}@${seed}`,
  };
}

async function isComplete(folder: string, files: readonly PlannedFile[]): Promise<boolean> {
  const found = await Promise.all(
    files.map(async ({ name, byteLength }) => {
      const path = join(folder, name);
      return (await ifPresent(path, stat(path)))?.size === byteLength;
    }),
  );
  return found.every(Boolean);
}

async function write(
  partial: string,
  files: readonly PlannedFile[],
  { onProgress, signal, workers, workerEntry }: SyntheticCheckpointOptions,
): Promise<void> {
  for (const { name, byteLength, head } of files) {
    await writeFile(join(partial, name), head);
    await truncate(join(partial, name), byteLength);
  }
  const totalBytes = totalLength(files);
  let writtenBytes = files.reduce((bytes, { head }) => bytes + head.length, 0);
  await fillWeights(
    files.map(({ name, fills }) => ({ file: join(partial, name), fills })),
    {
      ...(workers === undefined ? {} : { workers }),
      ...(workerEntry === undefined ? {} : { workerEntry }),
      signal,
      onWritten: (bytes) => {
        writtenBytes += bytes;
        onProgress?.({ writtenBytes, totalBytes });
      },
    },
  );
  // Before the folder gets its name: else a power failure could leave holes under it.
  for (const { name } of files) await synchronize(join(partial, name));
}

async function synchronize(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Gives the folder its name. What has it already is kept where it is complete: another process was faster. */
async function publish(partial: string, folder: string, files: readonly PlannedFile[]): Promise<void> {
  try {
    await rename(partial, folder);
  } catch (error) {
    if (await isComplete(folder, files)) {
      await rm(partial, { recursive: true, force: true });
      return;
    }
    if ((await ifPresent(folder, stat(folder))) === undefined) throw error;
    // Somebody has removed files of it, or they were cut short.
    const damaged = `${partial}.damaged`;
    await rename(folder, damaged);
    await rename(partial, folder);
    await rm(damaged, { recursive: true, force: true });
  }
}

async function requireSpace(parent: string, name: string, files: readonly PlannedFile[]): Promise<void> {
  const needed = totalLength(files);
  const free = await freeBytesAt(parent);
  if (needed <= free) return;
  throw new WebsslError({
    code: 'SYNTHETIC_DISK_FULL',
    message: `The synthetic checkpoint ${name} needs ${gigabytes(needed)}, and ${parent} has ${gigabytes(free)} free. Free some space, or set WEBSSL_CACHE to a folder on another disk.`,
    details: { needed, free, folder: parent },
  });
}

async function removeAbandoned(parent: string, name: string): Promise<void> {
  const limit = Date.now() - abandonedAfterMilliseconds;
  for (const entry of await readdir(parent)) {
    if (!entry.startsWith(`.${name}.`)) continue;
    const partial = join(parent, entry);
    // Each may vanish at any time, where another process is at work on it.
    const files = (await ifPresent(partial, readdir(partial))) ?? [];
    const paths = [partial, ...files.map((file) => join(partial, file))];
    const times = await Promise.all(
      paths.map(async (path) => (await ifPresent(path, stat(path)))?.mtimeMs ?? Number.POSITIVE_INFINITY),
    );
    if (Math.max(...times) < limit) await rm(partial, { recursive: true, force: true });
  }
}

function totalLength(files: readonly PlannedFile[]): number {
  return files.reduce((bytes, { byteLength }) => bytes + byteLength, 0);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
