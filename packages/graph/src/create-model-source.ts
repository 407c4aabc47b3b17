import type { ModelDescription, ModelPart, ModelSource, OnnxModel } from '@webssl/backend';
import type { Checkpoint } from '@webssl/registry';
import { readTensor } from '@webssl/tensor-files';
import type { InterpolatedPositions } from './embeddings.js';
import { graphError } from './graph-error.js';
import { type PartPlan, planPart } from './part-plan.js';
import { interpolatePositions } from './position-interpolation.js';
import { buildVisionGraph, requireTensor } from './vision-graph.js';
import { locateWeightFiles } from './weight-files.js';

/** Options of {@link createModelSource}. */
export interface ModelSourceOptions {
  /** Layers, counted from 0, that hand their tokens on unchanged: to measure how much each one matters. */
  readonly omitLayers?: readonly number[];
}

/**
 * A checkpoint as graphs: ONNX opset 15, standard operators only, the weights left in the safetensors files.
 * @throws WebsslError `GRAPH_LAYER_OUT_OF_RANGE` when a layer to omit does not exist. The `onnx` method of the result throws
 * `GRAPH_SIZE_INVALID`, `GRAPH_BATCH_INVALID`, `GRAPH_LAYER_OUT_OF_RANGE`, `GRAPH_OUTPUT_UNKNOWN`, `GRAPH_OUTPUTS_INVALID` for a part
 * that cannot be, `GRAPH_TENSOR_MISSING`, `GRAPH_WEIGHT_TYPE_UNSUPPORTED` and `GRAPH_WEIGHTS_UNREACHABLE` for a checkpoint that does not fit.
 */
export function createModelSource(checkpoint: Checkpoint, options: ModelSourceOptions = {}): ModelSource {
  const omitted = new Set(options.omitLayers);
  for (const layer of omitted) {
    if (Number.isInteger(layer) && layer >= 0 && layer < checkpoint.config.layers) continue;
    throw graphError(
      'GRAPH_LAYER_OUT_OF_RANGE',
      `Layer ${layer} cannot be left out: the model has layers 0 to ${checkpoint.config.layers - 1}.`,
      { layer, layers: checkpoint.config.layers },
    );
  }
  const order = [...omitted].sort((a, b) => a - b);
  const suffix = order.length === 0 ? '' : `-without-${order.join('-')}`;
  return {
    key: `${checkpoint.key}${suffix}`,
    fingerprint: async (signal) => `${await checkpoint.fingerprint(signal)}${suffix}`,
    describe: () => describe(checkpoint),
    onnx: (part) => buildPart(checkpoint, part, omitted),
  };
}

function describe({ id, revision, config, tensors, synthetic }: Checkpoint): ModelDescription {
  const weights = [...tensors.values()];
  return {
    id,
    ...(revision === undefined ? {} : { revision }),
    architecture: config.modelType,
    hiddenSize: config.hiddenSize,
    layers: config.layers,
    heads: config.heads,
    patchSize: config.patchSize,
    imageSize: { height: config.imageSize, width: config.imageSize },
    weightType: [...new Set(weights.map(({ type }) => type))].join(', '),
    weightBytes: weights.reduce((sum, { byteLength }) => sum + byteLength, 0),
    synthetic: synthetic !== undefined,
  };
}

async function buildPart(
  checkpoint: Checkpoint,
  part: ModelPart,
  omitted: ReadonlySet<number>,
): Promise<OnnxModel> {
  const plan = planPart(part, checkpoint.config, omitted);
  const [files, positions] = await Promise.all([
    locateWeightFiles(checkpoint.index.files.map(({ file }) => file)),
    interpolatedPositions(checkpoint, plan),
  ]);
  const graph = buildVisionGraph(checkpoint, plan, files, positions, omitted);
  return {
    bytes: graph.serialize(checkpoint.config.modelType),
    folder: files.folder,
    files: graph.usedLocations,
    weightBytes: graph.weightBytes,
    input: plan.from === 0 ? 'pixel_values' : 'hidden_states',
    outputs: plan.outputs,
  };
}

async function interpolatedPositions(
  checkpoint: Checkpoint,
  { from, size, grid }: PartPlan,
): Promise<InterpolatedPositions> {
  const { imageSize, hiddenSize } = checkpoint.config;
  if (from > 0 || (size.height === imageSize && size.width === imageSize)) return undefined;
  const { data } = await readTensor(requireTensor(checkpoint, 'embeddings.position_embeddings'));
  return interpolatePositions(data, hiddenSize, grid);
}
