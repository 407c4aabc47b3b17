import { type Field, message } from './protobuf.js';

/** Which ONNX operator multiplies: `MatMul` with weights `[in, out]`, or `Gemm` with weights `[out, in]` as they lie in a checkpoint. */
type ProductOperator = 'MatMul' | 'Gemm';

/** Matrix products one after another with constant weights: `[rows, widths[0]]` becomes `[rows, widths[1]]` and so on. */
export interface ProductChain {
  readonly operator: ProductOperator;
  readonly rows: number;
  readonly widths: readonly number[];
}

/** Floating-point operations of the whole chain. */
export function chainOperations({ rows, widths }: ProductChain): number {
  return steps(widths).reduce((sum, [from, to]) => sum + 2 * rows * from * to, 0);
}

/**
 * The chain as an ONNX model with input `x` and output `y`. Products follow one another, so that the time for handing
 * over tensors does not count.
 *
 * @param weights the values of the product at a position, row by row: `[from, to]` for MatMul, `[to, from]` for Gemm
 */
export function chainModel(
  { operator, rows, widths }: ProductChain,
  weights: (position: number, from: number, to: number) => Float32Array,
): Uint8Array {
  const layers = steps(widths);
  const nodes = layers.map((_, position): Field => {
    const output = position === layers.length - 1 ? 'y' : `x${position + 1}`;
    const input = position === 0 ? 'x' : `x${position}`;
    const transposed = message([1, 'transB'], [3, 1], [20, attributeInteger]);
    const attributes: readonly Field[] = operator === 'Gemm' ? [[5, transposed]] : [];
    return [1, message([1, input], [1, `w${position}`], [2, output], [4, operator], ...attributes)];
  });
  const initializers = layers.map(([from, to], position): Field => {
    const dims = operator === 'Gemm' ? [to, from] : [from, to];
    const { buffer, byteOffset, byteLength } = weights(position, from, to);
    const data = new Uint8Array(buffer, byteOffset, byteLength);
    return [
      5,
      message(...dims.map((dim): Field => [1, dim]), [2, elementFloat], [8, `w${position}`], [9, data]),
    ];
  });
  const graph = message(
    ...nodes,
    [2, 'products'],
    ...initializers,
    [11, matrix('x', rows, widths[0] ?? 0)],
    [12, matrix('y', rows, widths.at(-1) ?? 0)],
  );
  return message([1, irVersion], [7, graph], [8, message([2, operatorSet])]);
}

/** Numbers of onnx.proto: AttributeProto.INT, TensorProto.FLOAT. */
const attributeInteger = 2;
const elementFloat = 1;
/** IR version 8 and operator set 15, as the graphs of `@webssl/graph`. */
const irVersion = 8;
const operatorSet = 15;

/** A ValueInfoProto. */
function matrix(name: string, ...dims: readonly number[]): Uint8Array {
  const shape = message(...dims.map((dim): Field => [1, message([1, dim])]));
  return message([1, name], [2, message([1, message([1, elementFloat], [2, shape])])]);
}

function steps(widths: readonly number[]): readonly (readonly [from: number, to: number])[] {
  return widths.slice(1).map((to, position) => [widths[position] as number, to]);
}
