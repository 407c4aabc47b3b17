import { Command } from 'commander';
import { expect, it } from 'vitest';
import { limitNames, limitTable, resolveLimits } from '../limits/server-limits.js';
import { addLimits, optionOf, parseBytes, parseSeconds } from './limit-options.js';

it.each([
  ['1', 1],
  ['65536', 65_536],
  ['64KiB', 65_536],
  ['3MiB', 3_145_728],
  ['2gib', 2_147_483_648],
])('%s are %i bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

it.each(['', '0', '-1', '1.5MiB', '64MB', '64 MiB', '1e6', '99999999999GiB'])('%s are no bytes', (text) => {
  expect(() => parseBytes(text)).toThrow('Write bytes');
});

it.each(['0', '-1', '', '1e3', '86401', 'soon'])('%s are no seconds', (text) => {
  expect(() => parseSeconds(text)).toThrow('Write seconds');
});

it('every limit has a flag, and one that is not given is left to the table', () => {
  const command = addLimits(new Command().exitOverride()).parse(['--max-images', '7', '--timeout', '2.5'], {
    from: 'user',
  });
  expect(command.opts()).toEqual({ maxImages: 7, timeout: 2.5 });
  expect(optionOf('imagesPerRequest')).toBe('maxImages');
  for (const name of limitNames) expect(command.helpInformation()).toContain(limitTable[name].flag);
});

it('a request may by default have what a small queue holds for one client', () => {
  expect(resolveLimits({ queueImages: 4, queueBytes: 1000 })).toMatchObject({
    imagesPerRequest: 3,
    requestBytes: 750,
  });
  expect(() => resolveLimits({ queueImages: 4, imagesPerRequest: 5 })).toThrow('--max-images');
});
