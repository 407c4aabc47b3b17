import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseContentRange } from './content-range.js';

describe('Content-Range', () => {
  it('tells the start and the whole length', () => {
    expect(parseContentRange('bytes 5-9/10')).toEqual({ start: 5, totalBytes: 10 });
    expect(parseContentRange(' Bytes 0-0/2520000000 ')).toEqual({ start: 0, totalBytes: 2_520_000_000 });
    expect(parseContentRange('bytes 5-9/*')).toEqual({ start: 5, totalBytes: undefined });
    expect(parseContentRange('bytes */10')).toEqual({ start: undefined, totalBytes: 10 });
  });

  it.each([
    undefined,
    '',
    'bytes',
    'bytes 5-9',
    'bytes 9-5/10',
    'bytes 5-10/10',
    'bytes -5/10',
    'bytes */*',
    'items 5-9/10',
    'bytes 5-9/10, 12-13/20',
    'bytes 5-9/99999999999999999999',
  ])('is not %s', (text) => {
    expect(parseContentRange(text)).toBeUndefined();
  });

  it('is read back as it was written, whatever the numbers', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(), fc.nat(), (start, length, rest) => {
        const last = start + length;
        const totalBytes = last + 1 + rest;
        fc.pre(Number.isSafeInteger(totalBytes));
        expect(parseContentRange(`bytes ${start}-${last}/${totalBytes}`)).toEqual({ start, totalBytes });
      }),
    );
  });

  it('never yields a place outside the file', () => {
    const part = fc.constantFrom('bytes', ' ', '-', '/', '*', '0', '7', '12', '9007199254740993', 'x', '\n');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((parts) => parts.join('')),
        ),
        (text) => {
          const { start, totalBytes } = parseContentRange(text) ?? {};
          if (start !== undefined && totalBytes !== undefined) expect(start).toBeLessThan(totalBytes);
          for (const value of [start, totalBytes])
            if (value !== undefined) expect(Number.isSafeInteger(value)).toBe(true);
        },
      ),
    );
  });
});
