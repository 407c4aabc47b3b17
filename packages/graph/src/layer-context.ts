import type { ModelConfig } from '@webssl/registry';
import type { TensorEntry } from '@webssl/tensor-files';
import type { GraphBuilder, Value } from './graph-builder.js';
import type { LinearLayer } from './layer-tensors.js';

/** What every piece of the graph builds with. */
export interface LayerContext {
  readonly graph: GraphBuilder;
  readonly config: ModelConfig;
  /** The checkpoint's tensor of that name. */
  readonly tensor: (name: string) => TensorEntry;
  /** The same as a value of the graph, in place. */
  readonly weight: (name: string) => Value;
  /** The int8 matrix of a linear layer; undefined where it computes in float32. */
  readonly int8Matrix: (layer: LinearLayer) => Int8Matrix | undefined;
  readonly floatOperator: FloatOperator;
}

/**
 * What a linear layer on float32 weights is: Gemm, which reads the stored matrix in place, or MatMul on its transpose, the only one that
 * ONNX Runtime's switch for bf16 acts on (MatMul<float> in its core/providers/cpu/math/matmul.cc).
 */
export type FloatOperator = 'Gemm' | 'MatMul';

/** A matrix in whole numbers: `weight` I8 `[in, out]`, and `scale` F32 `[out]` that each column is to be multiplied by. */
export interface Int8Matrix {
  readonly weight: TensorEntry;
  readonly scale: TensorEntry;
}

/** `input` `[M, in]` times the matrix of a linear layer, plus its bias: `[M, out]`. */
export function linear(context: LayerContext, name: string, input: Value, layer: LinearLayer): Value {
  const int8 = context.int8Matrix(layer);
  return int8 === undefined
    ? floatLinear(
        context,
        name,
        input,
        context.tensor(`${layer.name}.weight`),
        layer.hasBias ? context.tensor(`${layer.name}.bias`) : undefined,
      )
    : int8Linear(context, name, input, layer, int8);
}

/** `input` `[M, in]` times the stored `[out, in]` matrix, transposed, plus the bias, if there is one. */
export function floatLinear(
  { graph, floatOperator }: LayerContext,
  name: string,
  input: Value,
  weight: TensorEntry,
  bias: TensorEntry | undefined,
): Value {
  if (floatOperator === 'Gemm') {
    const operands = bias === undefined ? [weight] : [weight, bias];
    return graph.node(name, 'Gemm', [input, ...operands.map((tensor) => graph.weight(tensor))], {
      transB: 1,
    });
  }
  const transposed = graph.node(`${name}/weight`, 'Transpose', [graph.weight(weight)], { perm: [1, 0] });
  if (bias === undefined) return graph.node(name, 'MatMul', [input, transposed]);
  const product = graph.node(`${name}/product`, 'MatMul', [input, transposed]);
  return graph.node(name, 'Add', [product, graph.weight(bias)]);
}

/**
 * The product in whole numbers. ONNX Runtime's operator brings all of `input` to 8 bits with one scale and zero point of its own choice,
 * which depend on all rows: that is why a graph with it is given one image at a time.
 */
function int8Linear(
  { graph, tensor }: LayerContext,
  name: string,
  input: Value,
  layer: LinearLayer,
  { weight, scale }: Int8Matrix,
): Value {
  const noZeroPoint = '';
  const bias = layer.hasBias ? [graph.weight(tensor(`${layer.name}.bias`))] : [];
  return graph.runtimeNode(name, 'DynamicQuantizeMatMul', [
    input,
    graph.weight(weight, 'I8'),
    graph.weight(scale),
    noZeroPoint,
    ...bias,
  ]);
}
