import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  parseBatches,
  parsePictureFile,
  parsePositiveNumber,
  parseRatio,
  parseSeconds,
  parseWhole,
} from './arguments.js';

describe('batch sizes', () => {
  it('are sorted, each once', () => expect(parseBatches('8, 1,4,8')).toEqual([1, 4, 8]));
  it.each(['', '0', '1,,2', '1.5', '-1', 'all', '1e3'])('are not %j', (text) => {
    expect(() => parseBatches(text)).toThrow(InvalidArgumentError);
  });
});

describe('a ratio', () => {
  it.each([
    ['0.01', 0.01],
    ['1%', 0.01],
    ['0.5%', 0.005],
    ['1e-6', 1e-6],
    ['fp32', 1e-8],
    ['fp16', 1e-3],
    ['int8', 1e-2],
  ])('is read from %s', (text, ratio) => expect(parseRatio(text)).toBeCloseTo(ratio, 12));
  it.each(['0', '-1', '', '%', 'NaN', 'Infinity', 'fp8', '1 %', '0x10', 'toString', '1', '1.5'])(
    'is not %j',
    (text) => {
      expect(() => parseRatio(text)).toThrow(InvalidArgumentError);
    },
  );
});

it.each(['0', '-2', 'fast', '', 'NaN', '1e999'])('no number above 0 is %j', (text) => {
  expect(() => parsePositiveNumber(text)).toThrow(InvalidArgumentError);
});

it('seconds may be 0 and end at a day', () => {
  expect(parseSeconds('0')).toBe(0);
  expect(parseSeconds('0.05')).toBe(0.05);
  expect(() => parseSeconds('86401')).toThrow(InvalidArgumentError);
});

it('warm-up may be 0 and has no fraction', () => {
  expect(parseWhole('0')).toBe(0);
  expect(() => parseWhole('1.5')).toThrow(InvalidArgumentError);
});

describe('the file of a picture', () => {
  it.each(['tune.svg', 'a folder/B.SVG'])('may be %s', (name) => expect(parsePictureFile(name)).toBe(name));
  it.each(['tune.png', 'svg', 'tune.svg.gz', ''])('may not be "%s", which would not show it', (name) =>
    expect(() => parsePictureFile(name)).toThrow(InvalidArgumentError),
  );
});
