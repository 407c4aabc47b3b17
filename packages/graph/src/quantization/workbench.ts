import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelPart, OnnxModel } from '@webssl/backend';
import type { Checkpoint } from '@webssl/registry';
import { openTensorIndex, partialPath } from '@webssl/tensor-files';
import { buildPart } from '../build-part.js';
import { type LinearLayer, linearLayers } from '../layer-tensors.js';
import { planPart } from '../part-plan.js';
import { derivedWeightSet } from '../weight-set.js';
import { derivedFolder } from './derived-files.js';
import { type DerivedWeightsOptions, makeDerivedWeights } from './derived-weights.js';
import type { WeightBits } from './quantize-matrix.js';
import { rememberedFingerprint } from './remembered-fingerprint.js';
import type { Smoothing } from './smoothing.js';

/** A model every linear layer of which can be had in int8 and in float32, to find out which should be what. */
export interface Workbench {
  /**
   * A part of it.
   * @param isInt8 which linear layers compute in int8
   * @throws WebsslError `GRAPH_*` when the part cannot be built
   */
  graph(part: ModelPart, isInt8: (layer: LinearLayer) => boolean): Promise<OnnxModel>;
  /** Removes its file. */
  close(): Promise<void>;
}

/**
 * Writes all weights in both forms into one file in the cache, a quarter more than the checkpoint's own size.
 * @throws as making derived weights does
 */
export async function openWorkbench(
  checkpoint: Checkpoint,
  { weightBits, smoothing }: { readonly weightBits: WeightBits; readonly smoothing: Smoothing },
  options: DerivedWeightsOptions,
): Promise<Workbench> {
  const { config } = checkpoint;
  // A name that no other run uses, and that the next run removes when this one is killed.
  const file = partialPath(join(derivedFolder(options.cacheFolder), 'workbench.safetensors'));
  const fingerprint = await rememberedFingerprint(checkpoint, options.cacheFolder, options.signal);
  const recipe = { weightBits, smoothing, float32: 'every' } as const;
  await makeDerivedWeights(checkpoint, recipe, file, { ...options, fingerprint });
  const index = await openTensorIndex(file);
  const linears = linearLayers(config);
  return {
    graph(part, isInt8) {
      const float32 = new Set(linears.filter((linear) => !isInt8(linear)).map(({ name }) => name));
      const plan = planPart(part, config);
      return buildPart(config, derivedWeightSet(index, float32), plan, { precision: part.precision });
    },
    close: () => rm(file, { force: true }),
  };
}
