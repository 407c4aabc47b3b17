import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OnnxModel } from '@webssl/backend';
import { createModelSource, inspectGraph } from '@webssl/graph';
import { openCheckpoint } from '@webssl/registry';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runtimeOptions } from './runtime-options.js';

const part = { size: { height: 224, width: 224 }, batch: 1, outputs: ['last_hidden_state'] } as const;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webssl-bf16-'));
});
afterAll(() => rm(folder, { recursive: true }));

/**
 * ONNX Runtime computes in bf16 what is a MatMul without a factor and without a transposition when it runs, and it does so wrongly where
 * neither side is constant. It makes the same graph on every processor; what it computes then can be seen on arm64 only.
 */
describe.each([
  ['vit-tiny-p14', 24],
  ['dinov2-tiny-p14', 28],
] as const)('the graph that ONNX Runtime runs for %s in bf16', (name, products) => {
  it('has linear layers as plain MatMul on constant weights, and products of heads with a transposition in them', async () => {
    const source = createModelSource(await openCheckpoint(goldenCheckpoint(name)));
    const { operators, weights } = await optimised(await source.onnx({ ...part, precision: 'bf16' }), 'bf16');
    expect(operators).toMatchObject({ MatMul: products, 'com.microsoft.FusedMatMul': 8 });
    expect(operators).not.toHaveProperty('Gemm');
    // Heads are transposed while the model runs; no weight is.
    expect(operators['Transpose']).toBe(4 * 4 + 1);
    expect(weights.length).toBeGreaterThan(0);
  });

  it('has none of them so in float32', async () => {
    const source = createModelSource(await openCheckpoint(goldenCheckpoint(name)));
    const { operators } = await optimised(await source.onnx(part), 'fp32');
    expect(operators).toMatchObject({ Gemm: products, 'com.microsoft.FusedMatMul': 4 });
  });
});

async function optimised(model: OnnxModel, precision: string) {
  const file = join(folder, 'optimised.onnx');
  const session = await InferenceSession.create(model.bytes, {
    ...runtimeOptions(model.folder, 1, 'throughput', precision),
    optimizedModelFilePath: file,
  });
  await session.release();
  return inspectGraph(await readFile(file));
}
