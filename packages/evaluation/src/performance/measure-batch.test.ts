import { expect, it } from 'vitest';
import { pixelBatch } from './measure-batch.js';

it('puts one image into each row, and begins again with the first', () => {
  const images = [1, 2, 3].map((value) => new Float32Array(3 * 2 * 1).fill(value));
  const { data, dims } = pixelBatch(images, 5, { height: 2, width: 1 });
  expect(dims).toEqual([5, 3, 2, 1]);
  expect([...data]).toEqual([1, 2, 3, 1, 2].flatMap((value) => new Array<number>(6).fill(value)));
});
