import { describe, expect, it } from 'vitest';
import { figureInWords, ratioInWords } from './figures-in-words.js';

describe('a figure', () => {
  it.each([
    [0, '0'],
    [41.234567, '41.23'],
    [1250, '1250'],
    [999_999, '1e+06'],
    [0.001, '0.001'],
    [0.00002812987, '2.813e-05'],
    [1.5e-10, '1.5e-10'],
    [1.5e-123, '1.5e-123'],
    [-0.02, '-0.02'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
  ])('%d is %s', (value, words) => expect(figureInWords(value)).toBe(words));

  it('has all its digits where four would hide on which side of a bound it is', () => {
    expect(figureInWords(0.0100000001, 0.01)).toBe('0.0100000001');
    expect(figureInWords(0.01, 0.01)).toBe('0.01');
    expect(figureInWords(0.0112345, 0.01)).toBe('0.01123');
  });
});

it('a ratio is told in per cent too', () => {
  expect(ratioInWords(0.000028)).toBe('2.8e-05 (0.0028 %)');
  expect(ratioInWords(0.07)).toBe('0.07 (7 %)');
  expect(ratioInWords(Number.NaN, 0.01)).toBe('NaN (NaN %)');
});
