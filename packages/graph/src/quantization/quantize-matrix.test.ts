import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantizeRows } from './quantize-matrix.js';

const numbers = fc.float({ min: -1000, max: 1000, noNaN: true, noDefaultInfinity: true });
/** A matrix whose numbers are no subnormal ones: of those a scale has too few digits. */
const matrices = fc
  .record({ rows: fc.integer({ min: 1, max: 6 }), columns: fc.integer({ min: 1, max: 9 }) })
  .chain(({ rows, columns }) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      values: fc
        .array(numbers, { minLength: rows * columns, maxLength: rows * columns })
        .map((values) => Float32Array.from(values, (value) => (Math.abs(value) < 1e-30 ? 0 : value))),
    }),
  );

describe.each([
  [7, 63],
  [8, 127],
] as const)('a matrix in whole numbers of %i bits', (bits, largest) => {
  it('is at most half a scale away from each number, transposed, and uses all of its range', () => {
    fc.assert(
      fc.property(matrices, ({ rows, columns, values }) => {
        const quantized = quantizeRows(values, columns, bits);
        expect(quantized.values.length).toBe(values.length);
        expect(quantized.scales.length).toBe(rows);
        for (let row = 0; row < rows; row++) {
          const scale = quantized.scales[row] ?? Number.NaN;
          let peak = 0;
          for (let column = 0; column < columns; column++) {
            const whole = quantized.values[column * rows + row] ?? Number.NaN;
            const difference = Math.abs(whole * scale - (values[row * columns + column] ?? Number.NaN));
            // The scale itself is rounded to float32, 24 bits.
            expect(difference).toBeLessThanOrEqual(scale * (0.5 + largest * 2 ** -24));
            peak = Math.max(peak, Math.abs(whole));
          }
          const isZero = values.subarray(row * columns, (row + 1) * columns).every((value) => value === 0);
          expect(peak).toBe(isZero ? 0 : largest);
          if (isZero) expect(scale).toBe(1);
        }
      }),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'is refused with %d in it',
    (odd) => {
      const matrix = Float32Array.of(1, 2, 3, 4, odd, 6);
      expect(() => quantizeRows(matrix, 3, bits)).toThrow(RangeError);
      expect(() => quantizeRows(matrix, 3, bits)).toThrow('row 1');
    },
  );
});

it('gives each row the scale of its own largest number', () => {
  const { values, scales } = quantizeRows(Float32Array.of(63, -31, 0, 0, 1, 4), 2, 7);
  expect([...scales]).toEqual([1, 1, Math.fround(4 / 63)]);
  expect([...values]).toEqual([63, 0, 16, -31, 0, 63]);
});
