import { expect, it } from 'vitest';
import { formatBytes, formatDuration, formatPercent } from './format.js';

it.each([
  [0, '0.0 kB'],
  [1500, '1.5 kB'],
  [25_400_000, '25 MB'],
  [2_526_000_000, '2.5 GB'],
])('%i bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

it.each([
  [0, '0 s'],
  [0.2, '1 s'],
  [59.5, '1 min 0 s'],
  [200, '3 min 20 s'],
  [7500, '2 h 5 min'],
])('%d seconds are %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

it.each([
  [0, '0 %'],
  [0.000_324_2, '0.0324 %'],
  [0.49, '49 %'],
])('the ratio %d is %s', (ratio, text) => expect(formatPercent(ratio)).toBe(text));
