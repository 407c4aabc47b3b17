import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '@webssl/registry';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { createModelSource } from './create-model-source.js';
import { inspectGraph } from './inspect-graph.js';
import { openSession } from './testing/run-graph.js';
import { scratchFolder } from './testing/scratch-folder.js';

describe('what ONNX Runtime makes of the graph', () => {
  const scratch = scratchFolder();

  async function optimised(name: string, graphOptimizationLevel: 'basic' | 'extended') {
    const source = createModelSource(await openCheckpoint(goldenCheckpoint(name)));
    const model = await source.onnx({
      size: { height: 224, width: 224 },
      batch: 'symbolic',
      outputs: ['last_hidden_state'],
    });
    const file = join(await scratch.create(`${name}-${graphOptimizationLevel}`), 'optimised.onnx');
    await (await openSession(model, { graphOptimizationLevel, optimizedModelFilePath: file })).release();
    return { ...inspectGraph(await readFile(file)), original: inspectGraph(model.bytes) };
  }

  it('on the CPU joins LayerNorm, GELU and the scale of the scores for ViT', async () => {
    const { operators } = await optimised('vit-tiny-p14', 'extended');
    expect(operators).toMatchObject({
      LayerNormalization: 9,
      'com.microsoft.Gelu': 4,
      'com.microsoft.FusedMatMul': 4,
      Gemm: 24,
    });
    expect(operators).not.toHaveProperty('Erf');
    expect(operators).not.toHaveProperty('ReduceMean');
  });

  it('on the CPU joins LayerNorm, SiLU and the scale of the scores for DINOv2', async () => {
    const { operators } = await optimised('dinov2-tiny-p14', 'extended');
    expect(operators).toMatchObject({
      LayerNormalization: 9,
      'com.microsoft.QuickGelu': 4,
      'com.microsoft.FusedMatMul': 4,
      Gemm: 28,
    });
    expect(operators).not.toHaveProperty('Sigmoid');
    expect(operators).not.toHaveProperty('ReduceMean');
  });

  it.each(['vit-tiny-p14', 'dinov2-tiny-p14'])('keeps %s decomposed for other devices', async (name) => {
    const { operators } = await optimised(name, 'basic');
    expect(Object.keys(operators).filter((operator) => /^LayerNorm|Gelu|\./.test(operator))).toEqual([]);
  });

  it.each(['vit-tiny-p14', 'dinov2-tiny-p14'])('leaves every weight of %s where it is', async (name) => {
    const { weights, embeddedBytes, original } = await optimised(name, 'extended');
    expect(weights).toEqual(original.weights);
    expect(embeddedBytes).toBeLessThan(1000);
  });
});
