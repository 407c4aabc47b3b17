import { expect, it } from 'vitest';
import { median, percentile } from './percentile.js';

it('interpolates between neighbours as numpy.percentile does', () => {
  // numpy.percentile([15, 20, 35, 40, 50], 40) = 29.0
  expect(percentile([50, 15, 40, 20, 35], 0.4)).toBeCloseTo(29, 12);
  expect(percentile([1, 2], 0)).toBe(1);
  expect(percentile([1, 2], 1)).toBe(2);
});

it('has the median in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});

it('leaves the samples as they were', () => {
  const samples = [3, 1, 2];
  median(samples);
  expect(samples).toEqual([3, 1, 2]);
});

it('refuses no samples and a share outside 0 to 1', () => {
  expect(() => median([])).toThrow(/at least one sample/);
  expect(() => percentile([1], 40)).toThrow(/from 0 to 1/);
});
