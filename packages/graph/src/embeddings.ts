import type { Value } from './graph-builder.js';
import type { LayerContext } from './layer-context.js';
import { batchDimension, type PartPlan } from './part-plan.js';

/** Position embeddings for another size than the checkpoint's own: float32 `[1 + N, D]`; undefined where they are used in place. */
export type InterpolatedPositions = Float32Array | undefined;

/** Pixels become tokens: one patch projection each, the CLS token before them, positions added. `[B * (1 + N), D]`. */
export function embeddings(context: LayerContext, plan: PartPlan, positions: InterpolatedPositions): Value {
  const { graph, config, weight } = context;
  const { hiddenSize, patchSize } = config;
  const pixels = graph.input('pixel_values', [
    batchDimension(plan),
    config.channels,
    plan.size.height,
    plan.size.width,
  ]);
  const projection = 'embeddings.patch_embeddings.projection';
  const map = graph.node(
    'patches/map',
    'Conv',
    [pixels, weight(`${projection}.weight`), weight(`${projection}.bias`)],
    { kernel_shape: [patchSize, patchSize], strides: [patchSize, patchSize] },
  );
  const columns = graph.node('patches/columns', 'Reshape', [
    map,
    graph.integers([-1, hiddenSize, plan.tokenCount - 1]),
  ]);
  const patches = graph.node('patches', 'Transpose', [columns], { perm: [0, 2, 1] });
  const tokens = graph.node('tokens', 'Concat', [classTokens(context, plan, pixels), patches], { axis: 1 });
  const table =
    positions === undefined
      ? weight('embeddings.position_embeddings')
      : graph.floats('interpolated position embeddings', [1, plan.tokenCount, hiddenSize], positions);
  const placed = graph.node('embeddings/batch', 'Add', [tokens, table]);
  return graph.node('embeddings', 'Reshape', [placed, graph.integers([-1, hiddenSize])]);
}

/** The CLS token once for every image: `[B, 1, D]`. */
function classTokens({ graph, config, weight }: LayerContext, { batch }: PartPlan, pixels: Value): Value {
  const token = weight('embeddings.cls_token');
  if (batch === 1) return token;
  if (batch !== 'symbolic') {
    return graph.node('class tokens', 'Expand', [token, graph.integers([batch, 1, config.hiddenSize])]);
  }
  const shape = graph.node('pixel_values/shape', 'Shape', [pixels]);
  const images = graph.node('batch size', 'Gather', [shape, graph.integers([0])], { axis: 0 });
  const dims = graph.node('class tokens/shape', 'Concat', [images, graph.integers([1, config.hiddenSize])], {
    axis: 0,
  });
  return graph.node('class tokens', 'Expand', [token, dims]);
}
