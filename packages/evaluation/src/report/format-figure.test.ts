import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  formatBound,
  formatBytes,
  formatCosine,
  formatCount,
  formatNmse,
  formatNumber,
  formatRatio,
} from './format-figure.js';

it.each([
  [0, '0'],
  [2.834e-5, '2.83e-05'],
  [0.00283, '0.00283'],
  [12.345, '12.3'],
  [1204.4, '1204'],
  [-4.5678, '-4.57'],
  [12_345_678, '1.23e+07'],
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
  expect(formatRatio(2.8341e-5)).toBe('2.834e-05 (0.002834 %)');
  expect([2.81301e-5, 0.01, 0.083, 0, 1, 12.3456, 1e7, Number.NaN].map(formatNmse)).toEqual([
    '2.813e-05',
    '0.01',
    '0.083',
    '0',
    '1',
    '12.35',
    '1e+07',
    'NaN',
  ]);
  expect(formatRatio(Number.NaN)).toBe('NaN');
  expect([0.01, 1e-8, 1].map(formatBound)).toEqual(['0.01', '1e-08', '1']);
  expect(formatCosine(1 - 1.4e-8)).toBe('0.999999986');
  expect([1536, 43_400_000, 3_412_000_768].map(formatBytes)).toEqual(['1.5 kB', '43 MB', '3.4 GB']);
  expect([formatCount(1, 'image'), formatCount(2, 'image'), formatCount(0, 'patch', 'patches')]).toEqual([
    '1 image',
    '2 images',
    '0 patches',
  ]);
});
