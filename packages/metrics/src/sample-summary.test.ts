import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareHalves } from './sample-halves.js';
import { samplesForPercentile, summarizeSamples } from './sample-summary.js';

/** What numpy computed; the file says how it was made. */
interface NumpySeries {
  readonly name: string;
  readonly samples: readonly number[];
  readonly minimum: number;
  readonly mean: number;
  readonly median: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly standardDeviation: number;
  readonly firstHalf: number;
  readonly secondHalf: number;
}

const { series }: { readonly series: readonly NumpySeries[] } = JSON.parse(
  readFileSync(new URL('numpy-float64.json', import.meta.url), 'utf8'),
);
const times = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 150 });

describe('summarizeSamples', () => {
  it('gives what is worked by hand', () => {
    // Mean 3, squares 4 + 0 + 1 + 9 + 0 = 14 over n - 1 = 4.
    expect(summarizeSamples([5, 3, 4, 0, 3])).toEqual({
      n: 5,
      minimum: 0,
      mean: 3,
      median: 3,
      standardDeviation: Math.sqrt(14 / 4),
    });
  });

  it.each(series)(
    'gives what numpy gives: $name',
    ({ name, firstHalf, secondHalf, samples, ...expected }) => {
      const summary = summarizeSamples(samples);
      expect(summary.n).toBe(samples.length);
      for (const [key, figure] of Object.entries(expected)) {
        expect(summary[key as keyof typeof expected], `${key} of ${name}`).toBeCloseTo(figure, 11);
      }
      const halves = compareHalves(samples);
      expect([halves.firstHalf, halves.secondHalf]).toEqual([
        expect.closeTo(firstHalf, 11),
        expect.closeTo(secondHalf, 11),
      ]);
    },
  );

  it.each(Object.entries(samplesForPercentile))(
    'gives %s from %i samples on, and not before',
    (name, least) => {
      expect(summarizeSamples(new Array<number>(least - 1).fill(1))).not.toHaveProperty(name);
      expect(summarizeSamples(new Array<number>(least).fill(1))).toHaveProperty(name, 1);
    },
  );

  it('has no spread with one sample', () => {
    expect(summarizeSamples([7])).toEqual({ n: 1, minimum: 7, mean: 7, median: 7, standardDeviation: 0 });
  });

  it('has percentiles in their order, within the samples, whatever the order of measuring', () => {
    fc.assert(
      fc.property(times, (samples) => {
        const summary = summarizeSamples(samples);
        const { minimum, median, p90 = Infinity, p95 = Infinity, p99 = Infinity } = summary;
        const inOrder = [minimum, median, p90, p95, p99];
        expect([...inOrder].sort((a, b) => a - b)).toEqual(inOrder);
        const turned = summarizeSamples([...samples].reverse());
        expect({ ...turned, mean: 0, standardDeviation: 0 }).toEqual({
          ...summary,
          mean: 0,
          standardDeviation: 0,
        });
      }),
    );
  });

  it('is in the unit of its samples: all its figures scale with them', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: -8, max: 8 }), (samples, exponent) => {
        // A power of two loses no bits.
        const scale = 2 ** exponent;
        const { n, ...figures } = summarizeSamples(samples);
        const scaled = Object.entries(figures).map(([name, figure]) => [name, figure * scale]);
        expect(summarizeSamples(samples.map((sample) => sample * scale))).toEqual({
          n,
          ...Object.fromEntries(scaled),
        });
      }),
    );
  });

  it('leaves the samples as they were', () => {
    const samples = [3, 1, 2];
    summarizeSamples(samples);
    compareHalves(samples);
    expect(samples).toEqual([3, 1, 2]);
  });

  it('refuses no samples and samples that are not finite', () => {
    expect(() => summarizeSamples([])).toThrow(expect.objectContaining({ code: 'METRICS_SAMPLES_INVALID' }));
    expect(() => summarizeSamples([1, Number.NaN])).toThrow(/Sample 1 is NaN/);
    expect(() => compareHalves([])).toThrow(expect.objectContaining({ code: 'METRICS_SAMPLES_INVALID' }));
  });
});

describe('compareHalves', () => {
  it('leaves the sample in the middle of an odd number out', () => {
    expect(compareHalves([1, 1, 100, 2, 2])).toEqual({ firstHalf: 1, secondHalf: 2, unstable: true });
  });

  it('takes one sample as both halves', () => {
    expect(compareHalves([5])).toEqual({ firstHalf: 5, secondHalf: 5, unstable: false });
  });

  it('flags a change by more than the tolerance, up or down', () => {
    expect(compareHalves([100, 110]).unstable).toBe(false);
    expect(compareHalves([100, 111]).unstable).toBe(true);
    expect(compareHalves([111, 100]).unstable).toBe(true);
    expect(compareHalves([100, 111], 0.2).unstable).toBe(false);
  });

  it('is unstable or not whichever half comes first', () => {
    fc.assert(
      fc.property(times, (samples) => {
        const forth = compareHalves(samples);
        const back = compareHalves([...samples].reverse());
        expect(back).toEqual({
          firstHalf: forth.secondHalf,
          secondHalf: forth.firstHalf,
          unstable: forth.unstable,
        });
      }),
    );
  });

  it('does not let one outlier of a half decide', () => {
    expect(compareHalves([10, 10, 10, 10, 90, 10]).unstable).toBe(false);
  });
});
