import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRange } from './requested-range.js';

describe('parseRange of a file of 10 bytes', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 1 }],
    ['bytes=2-5', { start: 2, end: 6 }],
    ['bytes=2-', { start: 2, end: 10 }],
    ['bytes=9-', { start: 9, end: 10 }],
    ['bytes=5-100', { start: 5, end: 10 }],
    ['bytes=-3', { start: 7, end: 10 }],
    ['bytes=-100', { start: 0, end: 10 }],
    ['Bytes= 2-5 ', { start: 2, end: 6 }],
    [`bytes=0-${'9'.repeat(400)}`, { start: 0, end: 10 }],
  ])('%s', (header, range) => {
    expect(parseRange(header, 10)).toEqual(range);
  });

  it.each(['bytes=10-', 'bytes=10-20', 'bytes=-0', `bytes=${'9'.repeat(400)}-`])(
    'refuses %s, which lies outside',
    (header) => {
      expect(parseRange(header, 10)).toBe('unsatisfiable');
    },
  );

  it.each([
    undefined,
    '',
    'bytes=',
    'bytes=-',
    'bytes=5-2',
    'bytes=0-1,3-4',
    'lines=0-1',
    'bytes=a-b',
    'bytes=0x0-1',
  ])('gives the whole file for %s', (header) => {
    expect(parseRange(header, 10)).toBeUndefined();
  });
});

it('has no range in an empty file', () => {
  expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
  expect(parseRange('bytes=-5', 0)).toBe('unsatisfiable');
});

it('gives the bytes that slicing gives', () => {
  fc.assert(
    fc.property(
      fc.nat(40),
      fc.nat(50),
      fc.nat(50),
      fc.constantFrom('closed', 'open', 'suffix'),
      (bytes, a, b, form) => {
        const content = Array.from({ length: bytes }, (_, index) => index);
        const [header, expected] = {
          closed: [`bytes=${a}-${a + b}`, content.slice(a, a + b + 1)] as const,
          open: [`bytes=${a}-`, content.slice(a)] as const,
          suffix: [`bytes=-${a}`, a === 0 ? [] : content.slice(-a)] as const,
        }[form];
        const range = parseRange(header, bytes);
        const got = typeof range === 'object' ? content.slice(range.start, range.end) : [];
        expect(got).toEqual(expected);
        expect(range === 'unsatisfiable').toBe(expected.length === 0);
      },
    ),
  );
});
