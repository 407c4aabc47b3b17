import type { ModelDescription, ModelSource } from '@webssl/backend';
import { type Checkpoint, cacheFolder as defaultCacheFolder } from '@webssl/registry';
import { buildPart } from './build-part.js';
import { graphError } from './graph-error.js';
import { planPart } from './part-plan.js';
import type { QuantizeProgress } from './quantization/derived-weights.js';
import { weightsInPrecision } from './weights-in-precision.js';

/** Options of {@link createModelSource}. */
export interface ModelSourceOptions {
  /** Layers, counted from 0, that hand their tokens on unchanged: to measure how much each one matters. */
  readonly omitLayers?: readonly number[];
  /** webssl's cache, which int8 weights are made in and kept. Default: `cacheFolder()` of `@webssl/registry`. */
  readonly cacheFolder?: string | undefined;
  /** Told how far the making of int8 weights is, the one time that it happens. */
  readonly onQuantizeProgress?: ((progress: QuantizeProgress) => void) | undefined;
  /** File of the worker that makes them (`@webssl/graph/weight-worker`), where a bundler has moved it. */
  readonly workerEntry?: string | URL | undefined;
}

/**
 * A checkpoint as graphs: ONNX opset 15, the weights left in the safetensors files. In float32 all operators are standard ones; in int8 the
 * linear layers are an operator of ONNX Runtime on weights that are made once and kept in the cache.
 * @throws WebsslError `GRAPH_LAYER_OUT_OF_RANGE` when a layer to omit does not exist. The `onnx` method of the result throws
 * `GRAPH_SIZE_INVALID`, `GRAPH_BATCH_INVALID`, `GRAPH_LAYER_OUT_OF_RANGE`, `GRAPH_OUTPUT_UNKNOWN`, `GRAPH_OUTPUTS_INVALID` for a part
 * that cannot be, `GRAPH_TENSOR_MISSING`, `GRAPH_WEIGHT_TYPE_UNSUPPORTED`, `GRAPH_WEIGHT_NOT_FINITE` and `GRAPH_WEIGHTS_UNREACHABLE`
 * for a checkpoint that does not fit, `GRAPH_PRECISION_UNSUPPORTED`, `GRAPH_PLAN_MISSING` and `GRAPH_PLAN_INVALID` for a precision that
 * it cannot be had in, and `OUTPUT_WRITE_FAILED` where the cache cannot be written.
 */
export function createModelSource(checkpoint: Checkpoint, options: ModelSourceOptions = {}): ModelSource {
  const { omitLayers, cacheFolder = defaultCacheFolder(), onQuantizeProgress, workerEntry } = options;
  const omitted = new Set(omitLayers);
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
    async onnx(part, signal) {
      const plan = planPart(part, checkpoint.config, omitted);
      const weights = await weightsInPrecision(checkpoint, part, {
        cacheFolder,
        onProgress: onQuantizeProgress,
        workerEntry,
        signal,
      });
      return buildPart(checkpoint.config, weights, plan, {
        omittedLayers: omitted,
        precision: part.precision,
      });
    },
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
