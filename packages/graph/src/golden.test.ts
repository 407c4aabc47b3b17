import type { OutputName } from '@webssl/backend';
import { nmse } from '@webssl/metrics';
import { openCheckpoint } from '@webssl/registry';
import { openTensorIndex, readTensor, type TensorIndex } from '@webssl/tensor-files';
import { goldenCheckpoint, goldenOutputs } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { createModelSource } from './create-model-source.js';
import { runGraph } from './testing/run-graph.js';

describe('the graph computes what the reference computes', () => {
  it.each(goldenOutputs())('$checkpoint, $image, size $size', async ({ checkpoint, path }) => {
    const golden = await openTensorIndex(path);
    const pixels = await tensor(golden, 'pixel_values');
    const [, , height = 0, width = 0] = pixels.dims;
    const outputs = [...golden.tensors.keys()].filter((name) => name !== 'pixel_values') as OutputName[];
    const source = createModelSource(await openCheckpoint(goldenCheckpoint(checkpoint)));

    const results = await runGraph(await source.onnx({ size: { height, width }, batch: 1, outputs }), pixels);

    expect(results.size).toBe(outputs.length);
    for (const [name, result] of results) {
      const expected = await tensor(golden, name);
      expect(result.dims, name).toEqual(expected.dims);
      expect(nmse(result.data, expected.data), name).toBeLessThanOrEqual(1e-10);
    }
  });
});

async function tensor(index: TensorIndex, name: string) {
  const entry = index.tensors.get(name);
  if (entry === undefined) throw new Error(`no golden tensor ${name}`);
  return readTensor(entry);
}
