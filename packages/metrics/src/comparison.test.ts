import { WebsslError } from '@webssl/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosineSimilarity, maximumAbsoluteError, nmse } from './comparison.js';

const vector = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 50 });
const pair = vector.chain((left) =>
  fc.tuple(
    fc.constant(left),
    fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), {
      minLength: left.length,
      maxLength: left.length,
    }),
  ),
);
const hasPower = (values: readonly number[]) => values.some((value) => Math.abs(value) > 1e-3);

describe('nmse', () => {
  it('is the error energy over the reference energy', () => {
    // (1-2)^2 + (2-2)^2 + (5-4)^2 = 2 over 4 + 4 + 16 = 24
    expect(nmse([1, 2, 5], [2, 2, 4])).toBeCloseTo(2 / 24, 15);
  });

  it('accumulates in float64: a float32 sum would lose the small terms', () => {
    const reference = new Float32Array(1_000_001).fill(1e-4);
    reference[0] = 1e2;
    const candidate = reference.map((value) => value);
    candidate[0] = 0;
    expect(nmse(candidate, reference)).toBeCloseTo(1e4 / (1e4 + 1e6 * 1e-8), 9);
  });

  it('does not change when both sides are scaled', () => {
    fc.assert(
      fc.property(pair, fc.double({ min: 0.1, max: 10, noNaN: true }), ([left, right], scale) => {
        fc.pre(hasPower(right));
        const plain = nmse(left, right);
        const scaled = nmse(
          left.map((value) => value * scale),
          right.map((value) => value * scale),
        );
        expect(Math.abs(scaled - plain)).toBeLessThanOrEqual(1e-9 * Math.max(plain, 1e-9));
      }),
    );
  });

  it('is never a silent zero', () => {
    expect(nmse([0, 0], [0, 0])).toBeNaN();
    expect(nmse([Number.NaN], [1])).toBeNaN();
    expect(nmse([Number.POSITIVE_INFINITY], [1])).toBe(Number.POSITIVE_INFINITY);
  });

  it('refuses different lengths and nothing at all', () => {
    for (const [left, right] of [
      [[1], [1, 2]],
      [[], []],
    ] as const) {
      expect(() => nmse(left, right)).toThrow(WebsslError);
    }
  });
});

describe('maximumAbsoluteError', () => {
  it('finds the largest difference, whatever its sign', () => {
    expect(maximumAbsoluteError([1, -7, 3], [1, 2, 4])).toBe(9);
  });

  it('is NaN when a difference is', () => {
    expect(maximumAbsoluteError([Number.NaN, 5], [0, 0])).toBeNaN();
  });
});

describe('cosineSimilarity', () => {
  it('is 1 for one direction, 0 for orthogonal, -1 for opposite vectors', () => {
    expect(cosineSimilarity([1, 2], [2, 4])).toBeCloseTo(1, 15);
    expect(cosineSimilarity([1, 0], [0, 3])).toBe(0);
    expect(cosineSimilarity([1, 2], [-1, -2])).toBeCloseTo(-1, 15);
  });

  it('does not depend on the order of the vectors', () => {
    fc.assert(
      fc.property(pair, ([left, right]) => {
        fc.pre(hasPower(left) && hasPower(right));
        expect(cosineSimilarity(left, right)).toBeCloseTo(cosineSimilarity(right, left), 12);
      }),
    );
  });

  it('is NaN for a vector without direction', () => {
    expect(cosineSimilarity([0, 0], [1, 1])).toBeNaN();
  });
});
