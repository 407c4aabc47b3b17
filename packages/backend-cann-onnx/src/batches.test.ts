import { describe, expect, it } from 'vitest';
import { chunkPixels, splitBatch } from './batches.js';

describe('a batch is split', () => {
  it.each([
    [1, [1], [[0, 1, 1]]],
    [
      3,
      [1],
      [
        [0, 1, 1],
        [1, 1, 1],
        [2, 1, 1],
      ],
    ],
    [1, [4], [[0, 1, 4]]],
    [
      5,
      [1, 4],
      [
        [0, 4, 4],
        [4, 1, 1],
      ],
    ],
    [
      7,
      [1, 4],
      [
        [0, 4, 4],
        [4, 3, 4],
      ],
    ],
    [16, [1, 4, 8, 16], [[0, 16, 16]]],
    [
      33,
      [1, 4, 8, 16],
      [
        [0, 16, 16],
        [16, 16, 16],
        [32, 1, 1],
      ],
    ],
    [6, [2, 8], [[0, 6, 8]]],
  ])('of %i images over the sizes %j', (batch, sizes, expected) => {
    expect(splitBatch(batch, sizes).map(({ start, images, size }) => [start, images, size])).toEqual(
      expected,
    );
  });
});

describe('the pixels of a chunk', () => {
  const pixels = Float32Array.of(1, 2, 3, 4, 5, 6);

  it("are the caller's own where it is full", () => {
    const chunk = chunkPixels(pixels, 2, { start: 1, images: 2, size: 2 });
    expect(chunk).toEqual(Float32Array.of(3, 4, 5, 6));
    expect(chunk.buffer).toBe(pixels.buffer);
  });

  it('are followed by zeros where it is not', () => {
    expect(chunkPixels(pixels, 2, { start: 2, images: 1, size: 3 })).toEqual(
      Float32Array.of(5, 6, 0, 0, 0, 0),
    );
  });
});
