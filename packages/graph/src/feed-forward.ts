import type { TensorEntry } from '@webssl/tensor-files';
import type { Value } from './graph-builder.js';
import { type LayerContext, linear } from './layer-context.js';

/** The feed-forward network of a layer, `[M, D]` to `[M, D]`. */
export function feedForward(context: LayerContext, layer: number, input: Value): Value {
  const { modelType, feedForward: kind } = context.config;
  const prefix = `encoder.layer.${layer}`;
  if (kind === 'swiglu') {
    return swiGlu(context, `${layer}`, input, `${prefix}.mlp.weights_in`, `${prefix}.mlp.weights_out`);
  }
  return modelType === 'vit'
    ? perceptron(context, `${layer}`, input, `${prefix}.intermediate.dense`, `${prefix}.output.dense`)
    : perceptron(context, `${layer}`, input, `${prefix}.mlp.fc1`, `${prefix}.mlp.fc2`);
}

function perceptron(
  context: LayerContext,
  name: string,
  input: Value,
  firstTensor: string,
  secondTensor: string,
): Value {
  const { tensor } = context;
  const inner = linear(
    context,
    `${name}/inner`,
    input,
    tensor(`${firstTensor}.weight`),
    tensor(`${firstTensor}.bias`),
  );
  return linear(
    context,
    `${name}/outer`,
    gelu(context, `${name}/gelu`, inner),
    tensor(`${secondTensor}.weight`),
    tensor(`${secondTensor}.bias`),
  );
}

/** The exact GELU x/2 (1 + erf(x/sqrt 2)), in the order of operators that ONNX Runtime recognises. */
function gelu({ graph }: LayerContext, name: string, input: Value): Value {
  const scaled = graph.node(`${name}/scaled`, 'Div', [input, graph.scalar('square root of two', Math.SQRT2)]);
  const error = graph.node(`${name}/erf`, 'Erf', [scaled]);
  const shifted = graph.node(`${name}/shifted`, 'Add', [error, graph.scalar('one', 1)]);
  const doubled = graph.node(`${name}/doubled`, 'Mul', [input, shifted]);
  return graph.node(name, 'Mul', [doubled, graph.scalar('half', 0.5)]);
}

/**
 * W_out (silu(W_gate x) * W_up x) (Shazeer 2020, arXiv 2002.05202). One stored matrix holds the gate in its upper half and `up` in
 * its lower half: two products read a half each, and nothing has to be split afterwards.
 */
function swiGlu(
  context: LayerContext,
  name: string,
  input: Value,
  inTensor: string,
  outTensor: string,
): Value {
  const { graph, tensor } = context;
  const [gateWeight, upWeight] = halves(tensor(`${inTensor}.weight`));
  const [gateBias, upBias] = halves(tensor(`${inTensor}.bias`));
  const gate = linear(context, `${name}/gate`, input, gateWeight, gateBias);
  const up = linear(context, `${name}/up`, input, upWeight, upBias);
  const sigmoid = graph.node(`${name}/sigmoid`, 'Sigmoid', [gate]);
  const silu = graph.node(`${name}/silu`, 'Mul', [gate, sigmoid]);
  const gated = graph.node(`${name}/gated`, 'Mul', [silu, up]);
  return linear(context, `${name}/outer`, gated, tensor(`${outTensor}.weight`), tensor(`${outTensor}.bias`));
}

function halves(tensor: TensorEntry): readonly [TensorEntry, TensorEntry] {
  const [rows = 0, ...rest] = tensor.shape;
  const half = { ...tensor, shape: [rows / 2, ...rest], byteLength: tensor.byteLength / 2 };
  return [
    { ...half, name: `${tensor.name}/gate` },
    { ...half, name: `${tensor.name}/up`, offset: tensor.offset + half.byteLength },
  ];
}
