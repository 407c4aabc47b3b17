import type { Value } from './graph-builder.js';
import type { LayerContext } from './layer-context.js';

/**
 * LayerNorm over the last axis with the weight and bias of `tensor`, in the primitive operators that ONNX Runtime joins to
 * its LayerNormalization and that Ascend's compiler reads.
 */
export function layerNorm(
  { graph, config, weight }: LayerContext,
  name: string,
  input: Value,
  tensor: string,
): Value {
  const last = { axes: [-1], keepdims: 1 };
  const mean = graph.node(`${name}/mean`, 'ReduceMean', [input], last);
  const centred = graph.node(`${name}/centred`, 'Sub', [input, mean]);
  const squares = graph.node(`${name}/squares`, 'Pow', [centred, graph.scalar('two', 2)]);
  const variance = graph.node(`${name}/variance`, 'ReduceMean', [squares], last);
  const epsilon = graph.scalar('epsilon', config.layerNormEpsilon);
  const positive = graph.node(`${name}/positive`, 'Add', [variance, epsilon]);
  const deviation = graph.node(`${name}/deviation`, 'Sqrt', [positive]);
  const normal = graph.node(`${name}/normal`, 'Div', [centred, deviation]);
  const scaled = graph.node(`${name}/scaled`, 'Mul', [normal, weight(`${tensor}.weight`)]);
  return graph.node(name, 'Add', [scaled, weight(`${tensor}.bias`)]);
}
