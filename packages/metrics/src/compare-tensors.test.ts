import { readFileSync } from 'node:fs';
import type { Tensor } from '@webssl/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareTensors } from './compare-tensors.js';

/** What numpy computed in float64; the file says how it was made. */
interface NumpyPair {
  readonly name: string;
  readonly dims: readonly number[];
  readonly candidate: readonly number[];
  readonly reference: readonly number[];
  readonly nmse: number;
  readonly relativeL2: number;
  readonly cosine: number;
  readonly maximumAbsoluteError: number;
}

const { pairs }: { readonly pairs: readonly NumpyPair[] } = JSON.parse(
  readFileSync(new URL('numpy-float64.json', import.meta.url), 'utf8'),
);

function tensor(values: readonly number[], dims: readonly number[] = [values.length]): Tensor {
  return { data: new Float32Array(values), dims };
}

function expectClose(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-12 * Math.abs(expected));
}

const value = fc.float({ min: -1000, max: 1000, noNaN: true });
const sameLength = fc
  .integer({ min: 1, max: 40 })
  .chain((length) => fc.tuple(...[0, 1].map(() => fc.array(value, { minLength: length, maxLength: length }))))
  .map(([candidate = [], reference = []]) => ({ candidate, reference }));
const hasPower = (values: readonly number[]) => values.some((one) => Math.abs(one) > 1e-3);
const withPower = sameLength.filter(({ reference }) => hasPower(reference));

describe('compareTensors', () => {
  it('gives what is worked by hand', () => {
    // Differences 0, -2, 1: energy 5 over 1 + 4 + 4 = 9. Product 1 + 0 + 6 = 7, candidate 1 + 0 + 9 = 10.
    expect(compareTensors(tensor([1, 0, 3]), tensor([1, 2, 2]))).toEqual({
      values: 3,
      nmse: 5 / 9,
      relativeL2: Math.sqrt(5) / 3,
      cosine: expect.closeTo(7 / (Math.sqrt(10) * 3), 15),
      maximumAbsoluteError: 2,
      notFinite: 0,
      referenceNotFinite: 0,
    });
  });

  it.each(pairs)('gives what numpy gives in float64: $name', (pair) => {
    const comparison = compareTensors(tensor(pair.candidate, pair.dims), tensor(pair.reference, pair.dims));
    expect(comparison.problem).toBeUndefined();
    expect(comparison.values).toBe(pair.reference.length);
    expectClose(comparison.nmse, pair.nmse);
    expectClose(comparison.relativeL2, pair.relativeL2);
    expectClose(comparison.cosine, pair.cosine);
    expectClose(comparison.maximumAbsoluteError, pair.maximumAbsoluteError);
  });

  it('accumulates in float64: a float32 sum would stop growing', () => {
    const reference = new Float32Array(2 ** 20).fill(1);
    const candidate = new Float32Array(2 ** 20).fill(1 + 2 ** -12);
    const dims = [2 ** 20];
    // Every difference is 2^-12, so its square is 2^-24, which a float32 sum of 1 or more no longer notices.
    expect(compareTensors({ data: candidate, dims }, { data: reference, dims }).nmse).toBe(2 ** -24);
  });

  it('has the squared relative L2 error as NMSE, and a cosine from -1 to 1', () => {
    fc.assert(
      fc.property(withPower, ({ candidate, reference }) => {
        const { nmse, relativeL2, cosine, problem } = compareTensors(tensor(candidate), tensor(reference));
        expect(problem).toBeUndefined();
        expect(nmse).toBeGreaterThanOrEqual(0);
        expectClose(relativeL2 ** 2, nmse);
        if (candidate.some((one) => one !== 0)) expect(Math.abs(cosine)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('does not change when both sides are scaled by a power of two, but for the absolute error', () => {
    fc.assert(
      fc.property(withPower, fc.integer({ min: -8, max: 8 }), ({ candidate, reference }, exponent) => {
        const scale = 2 ** exponent;
        // Numbers that lose no bits when they are scaled.
        const whole = (values: readonly number[]) => values.map((one) => Math.round(one * 4096) / 4096);
        const scaled = (values: readonly number[]) => whole(values).map((one) => one * scale);
        fc.pre(hasPower(whole(reference)));
        const plain = compareTensors(tensor(whole(candidate)), tensor(whole(reference)));
        const larger = compareTensors(tensor(scaled(candidate)), tensor(scaled(reference)));
        expect([larger.nmse, larger.cosine]).toEqual([plain.nmse, plain.cosine]);
        expect(larger.maximumAbsoluteError).toBe(plain.maximumAbsoluteError * scale);
      }),
    );
  });

  it('has a cosine and an absolute error that do not depend on which side is which', () => {
    fc.assert(
      fc.property(sameLength, ({ candidate, reference }) => {
        fc.pre(hasPower(candidate) && hasPower(reference));
        const forth = compareTensors(tensor(candidate), tensor(reference));
        const back = compareTensors(tensor(reference), tensor(candidate));
        expect(back.cosine).toBe(forth.cosine);
        expect(back.maximumAbsoluteError).toBe(forth.maximumAbsoluteError);
      }),
    );
  });

  it('does not depend on the order of the values, up to rounding', () => {
    fc.assert(
      fc.property(withPower, ({ candidate, reference }) => {
        const plain = compareTensors(tensor(candidate), tensor(reference));
        const turned = compareTensors(tensor([...candidate].reverse()), tensor([...reference].reverse()));
        expect(Math.abs(turned.nmse - plain.nmse)).toBeLessThanOrEqual(1e-12 * plain.nmse);
        expect(turned.maximumAbsoluteError).toBe(plain.maximumAbsoluteError);
      }),
    );
  });

  it('is 0 with cosine 1 for a tensor and itself', () => {
    fc.assert(
      fc.property(withPower, ({ reference }) => {
        const { nmse, cosine, maximumAbsoluteError } = compareTensors(tensor(reference), tensor(reference));
        expect([nmse, maximumAbsoluteError]).toEqual([0, 0]);
        expect(cosine).toBeCloseTo(1, 14);
      }),
    );
  });
});

describe('what makes a comparison impossible', () => {
  it.each([
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['minus infinity', Number.NEGATIVE_INFINITY],
  ])('is %s on either side, counted and without figures', (_, bad) => {
    const figures = { nmse: Number.NaN, relativeL2: Number.NaN, cosine: Number.NaN };
    const problem = { values: 3, ...figures, maximumAbsoluteError: Number.NaN, problem: 'not-finite' };
    expect(compareTensors(tensor([1, bad, bad]), tensor([1, 2, 3]))).toEqual({
      ...problem,
      notFinite: 2,
      referenceNotFinite: 0,
    });
    expect(compareTensors(tensor([1, 2, 3]), tensor([bad, 2, 3]))).toEqual({
      ...problem,
      notFinite: 0,
      referenceNotFinite: 1,
    });
    // The same bad value on both sides is no agreement.
    expect(compareTensors(tensor([1, bad, 3]), tensor([1, bad, 3])).problem).toBe('not-finite');
  });

  it.each([
    ['other dims', tensor([1, 2, 3, 4], [2, 2]), tensor([1, 2, 3, 4], [4, 1])],
    ['another number of dims', tensor([1, 2], [2]), tensor([1, 2], [1, 2])],
    ['a candidate shorter than its dims', tensor([1, 2], [3]), tensor([1, 2, 3], [3])],
    ['a reference longer than its dims', tensor([1, 2], [2]), tensor([1, 2, 3], [2])],
  ])('is %s', (_, candidate, reference) => {
    expect(compareTensors(candidate, reference)).toEqual({
      values: 0,
      nmse: Number.NaN,
      relativeL2: Number.NaN,
      cosine: Number.NaN,
      maximumAbsoluteError: Number.NaN,
      notFinite: 0,
      referenceNotFinite: 0,
      problem: 'shape-mismatch',
    });
  });

  it('tells what is not finite also where the shapes differ', () => {
    const comparison = compareTensors(tensor([Number.NaN, 1]), tensor([Number.NaN, Number.NaN, 1]));
    expect(comparison).toMatchObject({ notFinite: 1, referenceNotFinite: 2, problem: 'shape-mismatch' });
  });

  it('is a reference that is all zero, or empty, also when the candidate is too', () => {
    expect(compareTensors(tensor([0, 3]), tensor([0, 0]))).toMatchObject({
      nmse: Number.NaN,
      maximumAbsoluteError: 3,
      problem: 'zero-reference',
    });
    expect(compareTensors(tensor([0, 0]), tensor([0, -0]))).toMatchObject({
      nmse: Number.NaN,
      problem: 'zero-reference',
    });
    expect(compareTensors(tensor([]), tensor([])).problem).toBe('zero-reference');
  });

  it('is not a candidate that is all zero: its NMSE is 1 and it has no direction', () => {
    expect(compareTensors(tensor([0, 0]), tensor([3, 4]))).toMatchObject({
      nmse: 1,
      cosine: Number.NaN,
      maximumAbsoluteError: 4,
    });
  });
});
