import type { TensorEntry } from '@webssl/tensor-files';
import type { Value } from './graph-builder.js';
import { floatLinear, type LayerContext, linear } from './layer-context.js';
import { linearLayer } from './layer-tensors.js';

/** The feed-forward network of a layer, `[M, D]` to `[M, D]`. */
export function feedForward(context: LayerContext, layer: number, input: Value): Value {
  const { config } = context;
  const inner =
    config.feedForward === 'swiglu' ? swiGlu(context, layer, input) : perceptron(context, layer, input);
  return linear(context, `${layer}/outer`, inner, linearLayer(config, layer, 'feedForwardOut'));
}

function perceptron(context: LayerContext, layer: number, input: Value): Value {
  const inner = linear(context, `${layer}/inner`, input, linearLayer(context.config, layer, 'feedForwardIn'));
  return gelu(context, `${layer}/gelu`, inner);
}

/** The exact GELU x/2 (1 + erf(x/sqrt 2)), in the order of operators that ONNX Runtime recognises. */
function gelu({ graph }: LayerContext, name: string, input: Value): Value {
  const scaled = graph.node(`${name}/scaled`, 'Div', [input, graph.scalar('square root of two', Math.SQRT2)]);
  const error = graph.node(`${name}/erf`, 'Erf', [scaled]);
  const shifted = graph.node(`${name}/shifted`, 'Add', [error, graph.scalar('one', 1)]);
  const doubled = graph.node(`${name}/doubled`, 'Mul', [input, shifted]);
  return graph.node(name, 'Mul', [doubled, graph.scalar('half', 0.5)]);
}

/** silu(W_gate x) * W_up x, which W_out is applied to (Shazeer 2020, arXiv 2002.05202). */
function swiGlu(context: LayerContext, layer: number, input: Value): Value {
  const { graph } = context;
  const [gate, up] = gateAndUp(context, layer, input);
  const sigmoid = graph.node(`${layer}/sigmoid`, 'Sigmoid', [gate]);
  const silu = graph.node(`${layer}/silu`, 'Mul', [gate, sigmoid]);
  return graph.node(`${layer}/gated`, 'Mul', [silu, up]);
}

/**
 * One stored matrix holds the gate in its upper half and `up` in its lower half. In float32 two products read a half each, and nothing
 * has to be split afterwards; the int8 matrix is stored transposed, so there its product is split.
 */
function gateAndUp(context: LayerContext, layer: number, input: Value): readonly [gate: Value, up: Value] {
  const { graph, config, tensor } = context;
  const inner = linearLayer(config, layer, 'feedForwardIn');
  if (context.int8Matrix(inner) !== undefined) {
    const product = linear(context, `${layer}/gate and up`, input, inner);
    return graph.halves([`${layer}/gate`, `${layer}/up`], product, config.feedForwardSize);
  }
  const [gateWeight, upWeight] = halves(tensor(`${inner.name}.weight`));
  const [gateBias, upBias] = halves(tensor(`${inner.name}.bias`));
  return [
    floatLinear(context, `${layer}/gate`, input, gateWeight, gateBias),
    floatLinear(context, `${layer}/up`, input, upWeight, upBias),
  ];
}

function halves(tensor: TensorEntry): readonly [TensorEntry, TensorEntry] {
  const [rows = 0, ...rest] = tensor.shape;
  const half = { ...tensor, shape: [rows / 2, ...rest], byteLength: tensor.byteLength / 2 };
  return [
    { ...half, name: `${tensor.name}/gate` },
    { ...half, name: `${tensor.name}/up`, offset: tensor.offset + half.byteLength },
  ];
}
