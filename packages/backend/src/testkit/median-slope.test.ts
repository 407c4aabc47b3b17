import { expect, test } from 'vitest';
import { medianSlope } from './median-slope.js';

const series = (at: (index: number) => number) => Array.from({ length: 60 }, (_, index) => at(index));

test('the slope of a line is its own', () => {
  expect(medianSlope(series((index) => 5 + 3 * index))).toBe(3);
  expect(medianSlope(series((index) => -0.5 * index))).toBe(-0.5);
});

test('a series that jumps once is nearly flat, one that grows in steps is not', () => {
  expect(medianSlope(series((index) => (index < 40 ? 0 : 100)))).toBe(0);
  expect(medianSlope(series((index) => 10 * Math.floor(index / 10)))).toBeCloseTo(1, 0);
});

test('what falls back now and then still grows', () => {
  expect(medianSlope(series((index) => 4 * index - (index % 20 === 0 ? 50 : 0)))).toBeCloseTo(4, 0);
});

test('too short a series does not grow', () => {
  expect(medianSlope([])).toBe(0);
  expect(medianSlope([7])).toBe(0);
});
