import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonNumbers } from './json-numbers.js';

test('every float32 reads back as the same bits', () => {
  fc.assert(
    fc.property(
      fc.float32Array({ noNaN: true, noDefaultInfinity: true, maxLength: 50 }),
      fc.nat({ max: 9000 }),
      (values, zeros) => {
        const data = Float32Array.of(...values, -0, ...new Float32Array(zeros), 1e-45);
        const read = JSON.parse([...jsonNumbers(data)].join('')) as number[];
        expect(read.length).toBe(data.length);
        expect(read.every((value, index) => Object.is(Math.fround(value), data[index]))).toBe(true);
      },
    ),
  );
});

test('an empty list is an empty list', () => {
  expect([...jsonNumbers(new Float32Array())].join('')).toBe('[]');
});
