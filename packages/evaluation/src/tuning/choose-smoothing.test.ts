import { expect, it } from 'vitest';
import { exponentsOf } from './choose-smoothing.js';

const floats = (...values: number[]) => Float32Array.from(values);

it('shifts half of the difference, to the nearest power of two, and leaves the middle alone', () => {
  expect(exponentsOf(floats(1, 1, 1, 64, 1 / 16), floats(1, 1, 1, 1, 1))).toEqual([0, 0, 0, 3, -2]);
});

it('is the same whatever the scale of the whole', () => {
  expect(exponentsOf(floats(8, 8, 512), floats(3, 3, 3))).toEqual(
    exponentsOf(floats(1, 1, 64), floats(1, 1, 1)),
  );
});

it('leaves channels alone that nothing is known of', () => {
  expect(exponentsOf(floats(0, 1, 1), floats(1, 0, 1))).toEqual([0, 0, 0]);
  expect(exponentsOf(floats(0), floats(0))).toEqual([0]);
});
