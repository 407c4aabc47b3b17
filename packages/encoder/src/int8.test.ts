import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nmse } from '@webssl/metrics';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Encoder } from './encoder.js';
import { type LoadEncoderOptions, loadEncoder } from './load-encoder.js';

const features = ['last_hidden_state'] as const;
const image = goldenImage('china.jpg');

let cacheFolder = '';
beforeAll(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'webssl-encoder-int8-'));
});
afterAll(() => rm(cacheFolder, { recursive: true }));

it('computes in int8 on weights that are made once, near FP32, an image the same in any company', async () => {
  const float32 = await using({ device: 'cpu' }, (encoder) => stateOf(encoder));
  const progress: { readonly done: number; readonly total: number }[] = [];
  const onQuantizeProgress = (step: (typeof progress)[number]) => progress.push(step);
  const options = { device: 'cpu:int8', cacheFolder, onQuantizeProgress } as const;

  const alone = await using(options, (encoder) => {
    expect(encoder.info.devices).toMatchObject([{ backend: 'cpu', precision: 'int8' }]);
    return stateOf(encoder);
  });
  expect(progress.at(0)).toMatchObject({ done: 0 });
  expect(progress.at(-1)?.done).toBe(progress.at(-1)?.total);
  const error = nmse(alone, float32);
  expect(error).toBeGreaterThan(0);
  expect(error).toBeLessThan(0.01);

  progress.length = 0;
  const states = await using(options, async (encoder) => {
    const found: Float32Array[] = [];
    const images = [goldenImage('flower.jpg'), image, goldenImage('flower.jpg')];
    for await (const result of encoder.encodeAll(images, { features, batch: 3 })) {
      if ('error' in result) throw result.error;
      found.push(result.features.last_hidden_state.data);
    }
    return found;
  });
  expect(progress).toEqual([]);
  expect(states[1]).toEqual(alone);
  expect(states[2]).toEqual(states[0]);
  expect(states[0]).not.toEqual(alone);
});

async function using<T>(options: LoadEncoderOptions, use: (encoder: Encoder) => Promise<T>): Promise<T> {
  const encoder = await loadEncoder(goldenCheckpoint('vit-tiny-p14'), { threads: 1, features, ...options });
  try {
    return await use(encoder);
  } finally {
    await encoder.close();
  }
}

async function stateOf(encoder: Encoder): Promise<Float32Array> {
  return (await encoder.encode(image, { features })).last_hidden_state.data;
}
