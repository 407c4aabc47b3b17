import { expect, it } from 'vitest';
import { float16ToFloat32 } from './float16.js';

it.each([
  [0x0000, 0],
  [0x8000, -0],
  [0x3c00, 1],
  [0xc000, -2],
  [0x3555, 0.333251953125],
  [0x7bff, 65504],
  [0x0400, 2 ** -14],
  [0x03ff, 1023 * 2 ** -24],
  [0x0001, 2 ** -24],
  [0x7c00, Infinity],
  [0xfc00, -Infinity],
  [0x7e00, Number.NaN],
])('binary16 0x%x is %d', (bits, value) => {
  expect(float16ToFloat32(Uint16Array.of(bits))[0]).toBe(value);
});

it('ascends with its bits, evenly within each power of two', () => {
  const finite = float16ToFloat32(Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits));
  for (let bits = 1; bits < finite.length; bits += 1) {
    const step = 2 ** (Math.max(1, (bits - 1) >> 10) - 25);
    expect((finite[bits] ?? 0) - (finite[bits - 1] ?? 0)).toBe(step);
  }
});
