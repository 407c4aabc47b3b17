import { expect, it } from 'vitest';
import { blockSize } from './blocks.js';

it.each([
  [200, 10, [20, 20, 20, 20, 20, 20, 20, 20, 20, 20]],
  [200, 3, [66, 67, 67]],
  [10, 7, [1, 1, 2, 1, 2, 1, 2]],
  [3, 3, [1, 1, 1]],
])('shares %i out to %i blocks', (total, blocks, sizes) => {
  expect(sizes.map((_, block) => blockSize(total, blocks, block))).toEqual(sizes);
});
