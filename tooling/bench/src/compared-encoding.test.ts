import { readFile } from 'node:fs/promises';
import { type Encoder, loadEncoder } from '@webssl/encoder';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeAlone, encodeCompared } from './compared-encoding.js';

let encoder: Encoder;
let images: Buffer[];
let alone: Float32Array[];

beforeAll(async () => {
  encoder = await loadEncoder(goldenCheckpoint('vit-tiny-p14'), { features: ['cls'], threads: 1 });
  images = await Promise.all(['rocket.jpg', 'astronaut.png'].map((name) => readFile(goldenImage(name))));
  alone = await encodeAlone(encoder, images);
});

afterAll(() => encoder.close());

/** How many results came. */
async function count(expected: readonly Float32Array[]): Promise<number> {
  let results = 0;
  for await (const _ of encodeCompared(encoder, [...images, ...images, ...images], expected)) results++;
  return results;
}

describe('encodeCompared', () => {
  it('goes through all images when each has the features that it has alone', async () => {
    expect(await count(alone)).toBe(6);
  });

  it('stops at an image that has the features of another', async () => {
    await expect(count([...alone].reverse())).rejects.toThrow('image 0 has other features than alone');
  });

  it('stops at a single bit that differs', async () => {
    const [first = new Float32Array(), second = new Float32Array()] = alone;
    const changed = second.slice();
    const bits = new Uint32Array(changed.buffer);
    bits[changed.length - 1] = (bits[changed.length - 1] ?? 0) ^ 1;
    await expect(count([first, changed])).rejects.toThrow('image 1 has other features than alone');
  });

  it('stops at features of another length', async () => {
    const [first = new Float32Array(), ...others] = alone;
    await expect(count([Float32Array.of(...first, 0), ...others])).rejects.toThrow('image 0');
  });

  it('stops at an image that cannot be read', async () => {
    const encoding = encodeCompared(encoder, [Buffer.from('no image')], alone);
    await expect(encoding.next()).rejects.toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/) });
  });
});
