import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { untilAborted } from '@webssl/backend/host';
import type { Checkpoint } from '@webssl/registry';
import {
  createOutputFile,
  layoutSafetensors,
  openTensorIndex,
  requireFreeSpace,
  type TensorIndex,
} from '@webssl/tensor-files';
import { graphError } from '../graph-error.js';
import { derivedFolder, makeCacheFolder, modelName } from './derived-files.js';
import { rememberedFingerprint } from './remembered-fingerprint.js';
import { runWeightJobs } from './run-weight-jobs.js';
import { weightJobError } from './weight-job-error.js';
import { planDerivation, recipeDigest, type WeightRecipe } from './weight-recipe.js';

/** How far the making of derived weights is. */
export interface QuantizeProgress {
  /** Weights that are made. */
  readonly done: number;
  readonly total: number;
}

export interface DerivedWeightsOptions {
  /** webssl's cache: the file lies in `derived` in it. */
  readonly cacheFolder: string;
  /** Called while the file is made, at last with `done` equal to `total`; never where it is there already. */
  readonly onProgress?: ((progress: QuantizeProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** File of the worker (`@webssl/graph/weight-worker`), where a bundler has moved it. */
  readonly workerEntry?: string | URL | undefined;
}

/**
 * The weights of a checkpoint as a recipe makes them: a safetensors file in the cache, with everything that a graph needs, named
 * by the hash of the weights and of the recipe. It is made once; one that is damaged is made again.
 * @throws WebsslError `GRAPH_WEIGHT_TYPE_UNSUPPORTED` where weights are not F32, `GRAPH_WEIGHT_NOT_FINITE`, `OUTPUT_WRITE_FAILED`;
 * the signal's reason
 */
export async function derivedWeights(
  checkpoint: Checkpoint,
  recipe: WeightRecipe,
  options: DerivedWeightsOptions,
): Promise<TensorIndex> {
  const fingerprint = await rememberedFingerprint(checkpoint, options.cacheFolder, options.signal);
  const file = derivedWeightsFile(fingerprint, recipe, options.cacheFolder);
  for (;;) {
    const known = await openIfWhole(file);
    options.signal?.throwIfAborted();
    if (known !== undefined) return known;
    const others = underway.get(file);
    if (others === undefined) break;
    // Where it fails, or its own caller has enough of it, this one makes them.
    await untilAborted(
      others.catch(() => undefined),
      options.signal,
    );
  }
  const making = makeDerivedWeights(checkpoint, recipe, file, { ...options, fingerprint });
  underway.set(file, making);
  try {
    await making;
  } finally {
    underway.delete(file);
  }
  return openTensorIndex(file);
}

/** Where the weights lie that a recipe makes of the checkpoint with that fingerprint. */
export function derivedWeightsFile(fingerprint: string, recipe: WeightRecipe, cacheFolder: string): string {
  return join(derivedFolder(cacheFolder), `${fingerprint}-${recipeDigest(recipe)}.safetensors`);
}

/** What this process is making, by file: the sessions of a pool open at once, and ask for the same. */
const underway = new Map<string, Promise<void>>();

async function openIfWhole(file: string): Promise<TensorIndex | undefined> {
  if (!(await stat(file).catch(() => undefined))) return undefined;
  // Its length and its header are checked; under this name there is never a file that was not finished.
  return openTensorIndex(file).catch((error: unknown) => {
    if (WebsslError.isInstance(error)) return undefined;
    throw error;
  });
}

/** Writes the weights that a recipe makes to a file, which takes its name when it is whole. */
export async function makeDerivedWeights(
  checkpoint: Checkpoint,
  recipe: WeightRecipe,
  path: string,
  { fingerprint, onProgress, signal, workerEntry }: DerivedWeightsOptions & { readonly fingerprint: string },
): Promise<void> {
  const folder = dirname(path);
  await makeCacheFolder(folder);
  await removeLeftovers(folder);
  requireFloat32(checkpoint);
  const { outlines, jobs: jobsAt } = planDerivation(checkpoint, recipe);
  const layout = layoutSafetensors(outlines, {
    webssl: 'derived: made of other weights, may be removed at any time',
    derived_from: fingerprint,
    recipe: recipeDigest(recipe),
    model: modelName(checkpoint),
  });
  await requireFreeSpace(folder, layout.byteLength);
  const offsets = new Map(layout.tensors.map(({ name, offset }) => [name, offset]));
  const jobs = jobsAt((name) => offsets.get(name) ?? Number.NaN);
  const total = jobs.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  let done = 0;
  const output = await createOutputFile(path);
  try {
    await output.write(layout.header);
    await output.write(new Uint8Array(1), layout.byteLength - 1);
    onProgress?.({ done, total });
    await runWeightJobs(output.partialPath, jobs, {
      workerEntry,
      signal,
      onMade(numbers) {
        done += numbers;
        onProgress?.({ done, total });
      },
    });
    await output.finish();
  } catch (error) {
    await output.abort();
    signal?.throwIfAborted();
    // Another process has made them meanwhile, and a system that has a file in use may refuse to replace it.
    if ((await openIfWhole(path)) !== undefined) return;
    throw weightJobError(error, path);
  }
}

const oneDay = 24 * 60 * 60 * 1000;

/** Removes what processes that were killed have left behind; what is of today may be another's that is still at work. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith('.partial')) continue;
    const file = join(folder, name);
    const age = Date.now() - ((await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now());
    // What belongs to another user stays.
    if (age > oneDay) await rm(file, { force: true }).catch(() => undefined);
  }
}

function requireFloat32({ tensors }: Checkpoint): void {
  for (const [name, { type, file }] of tensors) {
    if (type === 'F32') continue;
    throw graphError(
      'GRAPH_WEIGHT_TYPE_UNSUPPORTED',
      `The tensor ${name} in ${file} is ${type}: int8 weights are made of F32 ones.`,
      { tensor: name, type },
    );
  }
}
