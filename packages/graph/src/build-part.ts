import type { OnnxModel, Precision } from '@webssl/backend';
import type { ModelConfig } from '@webssl/registry';
import { readTensor } from '@webssl/tensor-files';
import type { InterpolatedPositions } from './embeddings.js';
import type { GraphBuilder } from './graph-builder.js';
import type { PartPlan } from './part-plan.js';
import { interpolatePositions } from './position-interpolation.js';
import { buildVisionGraph } from './vision-graph.js';
import { locateWeightFiles } from './weight-files.js';
import type { WeightSet } from './weight-set.js';

export interface BuildPartOptions {
  /** What the result says of itself. */
  readonly precision?: Precision | undefined;
  /** Layers that hand their tokens on unchanged. */
  readonly omittedLayers?: ReadonlySet<number>;
  /** Adds to the graph before it is written. */
  readonly extend?: (graph: GraphBuilder) => void;
}

/** Builds the graph of a planned part on a set of weights. */
export async function buildPart(
  config: ModelConfig,
  weights: WeightSet,
  plan: PartPlan,
  { precision, omittedLayers = new Set(), extend }: BuildPartOptions = {},
): Promise<OnnxModel> {
  const [files, positions] = await Promise.all([
    locateWeightFiles(weights.files),
    interpolatedPositions(config, weights, plan),
  ]);
  const floatOperator = precision === 'bf16' ? 'MatMul' : 'Gemm';
  const graph = buildVisionGraph(config, weights, plan, { files, positions, omittedLayers, floatOperator });
  extend?.(graph);
  return {
    bytes: graph.serialize(config.modelType),
    folder: files.folder,
    files: graph.usedLocations,
    weightBytes: graph.weightBytes,
    input: plan.from === 0 ? 'pixel_values' : 'hidden_states',
    outputs: plan.outputs,
    ...(precision === undefined ? {} : { precision }),
    ...(weights.recipe === undefined ? {} : { weightRecipe: weights.recipe }),
  };
}

async function interpolatedPositions(
  { imageSize, hiddenSize }: ModelConfig,
  weights: WeightSet,
  { from, size, grid }: PartPlan,
): Promise<InterpolatedPositions> {
  if (from > 0 || (size.height === imageSize && size.width === imageSize)) return undefined;
  const { data } = await readTensor(weights.tensor('embeddings.position_embeddings'));
  return interpolatePositions(data, hiddenSize, grid);
}
