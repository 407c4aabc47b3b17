import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageSize } from '@webssl/backend';
import { shellQuote } from '@webssl/backend/host';
import type { Checkpoint } from '@webssl/registry';
import { writeOutputFile } from '@webssl/tensor-files';
import { z } from 'zod';
import { graphError } from '../graph-error.js';
import { linearLayers } from '../layer-tensors.js';
import { makeCacheFolder, plansFolder } from './derived-files.js';
import { derivedWeightsFile } from './derived-weights.js';
import { planSchema, type QuantizationPlan } from './plan-schema.js';
import { rememberedFingerprint } from './remembered-fingerprint.js';
import { smoothingPlaces } from './smoothing.js';

/**
 * The plan that was stored for a checkpoint and images of a size.
 * @throws WebsslError `GRAPH_PLAN_MISSING` where there is none, `GRAPH_PLAN_INVALID` where it is not one or not this model's
 */
export async function readQuantizationPlan(
  checkpoint: Checkpoint,
  size: ImageSize,
  cacheFolder: string,
  signal?: AbortSignal,
): Promise<QuantizationPlan> {
  const fingerprint = await rememberedFingerprint(checkpoint, cacheFolder, signal);
  const file = planFile(fingerprint, size, cacheFolder);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw graphError(
      'GRAPH_PLAN_MISSING',
      `There is no plan for ${checkpoint.id} with images of ${inPixels(size)} in ${file}: it has to be measured first, with ${tuneCommand(checkpoint, size)}`,
      { file },
      cause,
    );
  });
  return parseQuantizationPlan(text, checkpoint, { size, fingerprint, file });
}

/**
 * Stores a plan in the cache, where `cpu:tuned` finds it; replaces the one before for images of that size, whose weights go with it.
 * @returns its file
 * @throws WebsslError `OUTPUT_WRITE_FAILED`, `OUTPUT_FOLDER_MISSING`
 */
export async function storeQuantizationPlan(
  checkpoint: Checkpoint,
  plan: QuantizationPlan,
  cacheFolder: string,
): Promise<string> {
  const { size } = plan;
  const fingerprint = await rememberedFingerprint(checkpoint, cacheFolder);
  const file = planFile(fingerprint, size, cacheFolder);
  const before = await readQuantizationPlan(checkpoint, size, cacheFolder).catch(() => undefined);
  await makeCacheFolder(plansFolder(cacheFolder));
  await writeOutputFile(file, `${JSON.stringify(planSchema.parse(plan))}\n`);
  const weightsOf = (one: QuantizationPlan) => derivedWeightsFile(fingerprint, one, cacheFolder);
  if (before !== undefined && weightsOf(before) !== weightsOf(plan)) {
    // Where they are in use and cannot be removed, they stay.
    await rm(weightsOf(before), { force: true }).catch(() => undefined);
  }
  return file;
}

function planFile(fingerprint: string, size: ImageSize, cacheFolder: string): string {
  return join(plansFolder(cacheFolder), `${fingerprint}-${inPixels(size)}.json`);
}

function inPixels({ height, width }: ImageSize): string {
  return `${height}x${width}`;
}

/** What measures a plan. */
export function tuneCommand({ id, config }: Pick<Checkpoint, 'id' | 'config'>, size: ImageSize): string {
  const isOwn = size.height === config.imageSize && size.width === config.imageSize;
  return shellQuote(['webssl', 'tune', '--model', id, ...(isOwn ? [] : ['--image-size', inPixels(size)])]);
}

function parseQuantizationPlan(
  text: string,
  checkpoint: Checkpoint,
  {
    size,
    fingerprint,
    file,
  }: { readonly size: ImageSize; readonly fingerprint: string; readonly file: string },
): QuantizationPlan {
  const { config } = checkpoint;
  const invalid = (problem: string, cause?: unknown) =>
    graphError(
      'GRAPH_PLAN_INVALID',
      `The plan in ${file} cannot be used: ${problem}. Measure it again with ${tuneCommand(checkpoint, size)}`,
      { file },
      cause,
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw invalid('it is no JSON', cause);
  }
  const result = planSchema.safeParse(json);
  if (!result.success) throw invalid(z.prettifyError(result.error), result.error);
  const plan = result.data;
  if (plan.fingerprint !== fingerprint) throw invalid('it is for other weights');
  if (inPixels(plan.size) !== inPixels(size)) throw invalid(`it is for images of ${inPixels(plan.size)}`);
  const linears = new Set(linearLayers(config).map(({ name }) => name));
  const unknown = plan.float32.find((name) => !linears.has(name));
  if (unknown !== undefined) throw invalid(`the model has no linear layer ${JSON.stringify(unknown)}`);
  const places = new Map(smoothingPlaces(config).map(({ name, channels }) => [name, channels]));
  for (const [place, { length }] of Object.entries(plan.smoothing)) {
    if (places.get(place) === length) continue;
    throw invalid(`it has ${length} exponents for ${JSON.stringify(place)}, which the model has not`);
  }
  return plan;
}
