import { inspectGraph } from '@webssl/graph';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { chainModel, chainOperations, type ProductChain } from './product-chain.js';

const widths = [2, 3, 2];
const input = Float32Array.of(1, 2, 3, 4);
const first = [
  [1, 0, 2],
  [0, 1, 1],
];
const second = [
  [1, -1],
  [2, 0],
  [0, 1],
];
// [[1 2] [3 4]] x first = [[1 2 4] [3 4 10]]; that x second = [[5 3] [11 7]].
const product = [5, 3, 11, 7];

function transpose(rows: readonly (readonly number[])[]): number[][] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? Number.NaN));
}

describe('chainModel', () => {
  it.each(['MatMul', 'Gemm'] as const)('computes the products with %s', async (operator) => {
    const weights = [first, second].map((rows) => (operator === 'Gemm' ? transpose(rows) : rows).flat());
    const chain: ProductChain = { operator, rows: 2, widths };
    const model = chainModel(chain, (position) => Float32Array.from(weights[position] ?? []));

    const session = await InferenceSession.create(model);
    const { y } = await session.run({ x: new Tensor('float32', input, [2, 2]) });
    expect(y?.dims).toEqual([2, 2]);
    expect(Array.from((y?.data ?? []) as Float32Array)).toEqual(product);
    await session.release();
  });

  it('is what other readers of ONNX understand', () => {
    const model = chainModel({ operator: 'Gemm', rows: 257, widths: [130, 300, 130] }, (_, from, to) => {
      return new Float32Array(from * to);
    });
    expect(inspectGraph(model)).toMatchObject({
      operatorSets: { '': 15 },
      operators: { Gemm: 2 },
      inputs: [{ name: 'x', dims: [257, 130] }],
      outputs: [{ name: 'y', dims: [257, 130] }],
    });
  });
});

describe('chainOperations', () => {
  it('counts a multiplication and an addition for each weight and row', () => {
    expect(chainOperations({ operator: 'MatMul', rows: 2, widths })).toBe(2 * 2 * (2 * 3 + 3 * 2));
  });
});
