import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  formatBound,
  formatBytes,
  formatCosine,
  formatCount,
  formatNumber,
  formatRatio,
} from './format-figure.js';

it.each([
  [0, '0'],
  [2.834e-5, '2.83e-5'],
  [0.00283, '0.00283'],
  [12.345, '12.3'],
  [1204.4, '1204'],
  [-4.5678, '-4.57'],
  [12_345_678, '1.23e+7'],
  [Number.NaN, 'NaN'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
])('formatNumber(%d) is %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

it('rounds by at most half a unit of the third digit', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e300, max: 1e300, noNaN: true }), (value) => {
      expect(Math.abs(Number(formatNumber(value)) - value)).toBeLessThanOrEqual(0.00501 * Math.abs(value));
    }),
  );
});

it('writes ratios, bounds, cosines, bytes and counts', () => {
  expect(formatRatio(2.834e-5)).toBe('2.83e-5 (0.00283 %)');
  expect(formatRatio(Number.NaN)).toBe('NaN');
  expect([0.01, 1e-8, 1].map(formatBound)).toEqual(['0.01', '1e-8', '1']);
  expect(formatCosine(1 - 1.4e-8)).toBe('0.999999986');
  expect([0, 1023, 1536, 3_412_000_768].map(formatBytes)).toEqual(['0 B', '1023 B', '1.50 KiB', '3.18 GiB']);
  expect([formatCount(1, 'image'), formatCount(2, 'image'), formatCount(0, 'patch', 'patches')]).toEqual([
    '1 image',
    '2 images',
    '0 patches',
  ]);
});
