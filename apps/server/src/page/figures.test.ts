import { expect, it } from 'vitest';
import { formatMilliseconds, formatNumber, formatShape, formatShare } from './figures.js';

it('writes figures with the digits that are of use', () => {
  expect([2.54, 9.99, 84.4, 12345.6].map(formatMilliseconds)).toEqual([
    '2.5 ms',
    '10.0 ms',
    '84 ms',
    '12,346 ms',
  ]);
  expect([0, 0.0312, 0.5, 1].map(formatShare)).toEqual(['0.0 %', '3.1 %', '50 %', '100 %']);
  expect([34.123456, 0, 1.5e-7, 2e9, Number.NaN].map(formatNumber)).toEqual([
    '34.1235',
    '0',
    '1.5000e-7',
    '2.0000e+9',
    'NaN',
  ]);
  expect(formatShape([256, 1280])).toBe('[256, 1280]');
});
