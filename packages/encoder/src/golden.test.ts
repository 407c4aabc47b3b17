import type { PixelBatch, Tensor } from '@webssl/backend';
import { nmse } from '@webssl/metrics';
import { openTensorIndex, readTensor } from '@webssl/tensor-files';
import { goldenCheckpoint, goldenImage, goldenOutputs, type OutputCase } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import type { Features } from './encoder-types.js';
import { loadEncoder } from './load-encoder.js';

/** The bound of the reference: float32 of another library, in another order of addition. */
const bound = 1e-10;

/** Every tensor of a golden file, by name. */
async function expectedTensors({ path }: OutputCase): Promise<Map<string, Tensor>> {
  const { tensors } = await openTensorIndex(path);
  const read = [...tensors.values()].map(async (entry) => [entry.name, await readTensor(entry)] as const);
  return new Map(await Promise.all(read));
}

/** Largest NMSE of the features against golden tensors of the same names. */
function worst(features: Features, expected: ReadonlyMap<string, Tensor>): number {
  const errors = Object.entries<Tensor>(features).map(([name, { data }]) =>
    nmse(data, expected.get(name)?.data ?? []),
  );
  return Math.max(...errors);
}

describe('features of the golden checkpoints', () => {
  it.each(goldenOutputs())('$checkpoint, $image, size $size', async (example) => {
    const expected = await expectedTensors(example);
    const pixels = expected.get('pixel_values');
    if (pixels === undefined) throw new Error('the golden file has no pixel_values');
    const names = [...expected.keys()].filter((name) => name !== 'pixel_values');
    const [height, width] = example.size ?? [];
    const size = height === undefined || width === undefined ? {} : { imageSize: { height, width } };
    const encoder = await loadEncoder(goldenCheckpoint(example.checkpoint), { features: names, ...size });
    try {
      const fromPixels = await encoder.encodePixelValues(
        { data: pixels.data, dims: pixels.dims as PixelBatch['dims'] },
        { features: names },
      );
      expect(Object.keys(fromPixels)).toEqual(names);
      for (const name of names) expect(fromPixels[name]?.dims).toEqual(expected.get(name)?.dims);
      expect(worst(fromPixels, expected)).toBeLessThanOrEqual(bound);

      // At the checkpoint's own size the golden pixels are those of the photograph: from file to feature.
      if (example.size === null) {
        const fromFile = await encoder.encode(goldenImage(example.image), { features: names });
        expect(worst(fromFile, expected)).toBeLessThanOrEqual(bound);
      }
    } finally {
      await encoder.close();
    }
  });
});
