import { expect, it } from 'vitest';
import { pixelVariation } from './pixel-variation.js';

const image = { data: Float32Array.from({ length: 48 }, (_, value) => value), dims: [3, 4, 4] } as const;

it('has the values of its image backwards, beginning elsewhere in each variation', () => {
  const variations = Array.from({ length: 15 }, (_, variation) => pixelVariation(image, variation + 1));
  for (const { data, dims } of variations) {
    expect(dims).toEqual([3, 4, 4]);
    const start = data.indexOf(47);
    expect([...data.subarray(start), ...data.subarray(0, start)]).toEqual([...image.data].reverse());
  }
  expect(new Set(variations.map(({ data }) => data[0])).size).toBe(15);
});

it('is the image itself at 0, which is never written', () => {
  expect(pixelVariation(image, 0)).toBe(image);
  expect([...image.data.subarray(0, 3)]).toEqual([0, 1, 2]);
});
