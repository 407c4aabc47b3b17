import { describe, expect, it } from 'vitest';
import { generatedBytes } from './generated-bytes.js';

const mebibyte = 1024 * 1024;

describe('generatedBytes', () => {
  it('gives any part as it stands in the whole, also past the end of the repeated block', () => {
    const whole = generatedBytes(7, 0, 20 * mebibyte);
    expect(whole.length).toBe(20 * mebibyte);
    for (const start of [0, 1, 5_000_001, 8 * mebibyte - 20, 16 * mebibyte + 3])
      expect(
        generatedBytes(7, start, start + mebibyte + 5).equals(whole.subarray(start, start + mebibyte + 5)),
      ).toBe(true);
  });

  it('differs between seeds, and between parts whose starts differ by a power of two', () => {
    const part = (seed: number, start: number) => generatedBytes(seed, start, start + 64);
    expect(part(1, 0)).not.toEqual(part(2, 0));
    for (let power = 0; power < 40; power++) expect(part(1, 2 ** power)).not.toEqual(part(1, 0));
  });

  it('holds every byte value about as often', () => {
    const counts = new Array<number>(256).fill(0);
    for (const byte of generatedBytes(3, 0, mebibyte)) counts[byte] = (counts[byte] ?? 0) + 1;
    expect(Math.min(...counts)).toBeGreaterThan(3700);
    expect(Math.max(...counts)).toBeLessThan(4500);
  });

  it('reaches places beyond 4 GiB', () => {
    const place = 25_800_000_000;
    expect(generatedBytes(1, place, place + 10)).toEqual(
      generatedBytes(1, place - 5, place + 10).subarray(5),
    );
  });
});
