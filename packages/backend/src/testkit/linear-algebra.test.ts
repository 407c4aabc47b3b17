import { expect, it } from 'vitest';
import { errorFunction, softmaxRow } from './linear-algebra.js';

// Abramowitz and Stegun, table 7.1, and the DLMF for the last.
it.each([
  [0, 0],
  [0.5, 0.5204998778130465],
  [1, 0.8427007929497149],
  [2, 0.9953222650189527],
  [2.5, 0.999593047982555],
  [3, 0.9999779095030014],
])('the error function of %d', (x, value) => {
  expect(errorFunction(x)).toBeCloseTo(value, 14);
  expect(errorFunction(-x)).toBeCloseTo(-value, 14);
});

it('softmax survives scores that overflow an exponential', () => {
  expect([...softmaxRow(Float64Array.of(1000, 1000, -1000))]).toEqual([0.5, 0.5, 0]);
});
