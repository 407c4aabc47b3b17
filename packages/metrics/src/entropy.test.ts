import { expect, it } from 'vitest';
import { meanAttentionEntropy } from './entropy.js';

it('is 1 for uniform attention and 0 for attention to one token', () => {
  expect(meanAttentionEntropy(new Float32Array(8).fill(0.25), 4)).toBeCloseTo(1, 12);
  expect(meanAttentionEntropy([0, 1, 0, 0, 0, 0, 0, 1], 4)).toBe(0);
});

it('is the mean over the rows', () => {
  // One uniform row of two (entropy log 2) and one row of a single token (0).
  expect(meanAttentionEntropy([0.5, 0.5, 1, 0], 2)).toBeCloseTo(0.5, 12);
});

it('refuses values that are not whole rows', () => {
  expect(() => meanAttentionEntropy([0.5, 0.5, 1], 2)).toThrow(/not rows of 2/);
});
