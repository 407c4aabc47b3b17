import { median, percentile } from './percentile.js';
import { requireSamples } from './require-samples.js';

/**
 * Samples that a percentile needs before {@link summarizeSamples} gives it: enough that one sample lies above it
 * (10 for p90, 20 for p95, 100 for p99). With fewer it would only repeat the largest sample or two.
 */
export const samplesForPercentile = { p90: 10, p95: 20, p99: 100 } as const;

/** What a series of measurements comes to, in the unit of its samples. */
export interface SampleSummary {
  readonly n: number;
  readonly minimum: number;
  readonly mean: number;
  readonly median: number;
  /** Absent with fewer than {@link samplesForPercentile} samples; so are p95 and p99. */
  readonly p90?: number;
  readonly p95?: number;
  readonly p99?: number;
  /** Of the sample, divided by n - 1; 0 for one sample. */
  readonly standardDeviation: number;
}

/**
 * Sums up a series of measurements; see {@link percentile} for how percentiles are interpolated.
 *
 * @throws WebsslError `METRICS_SAMPLES_INVALID` without samples or with one that is not finite
 */
export function summarizeSamples(samples: readonly number[]): SampleSummary {
  requireSamples(samples);
  const n = samples.length;
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / n;
  const squares = samples.reduce((sum, sample) => sum + (sample - mean) ** 2, 0);
  const carried = (name: 'p90' | 'p95' | 'p99', share: number) =>
    n >= samplesForPercentile[name] ? { [name]: percentile(samples, share) } : {};
  return {
    n,
    minimum: samples.reduce((least, sample) => Math.min(least, sample)),
    mean,
    median: median(samples),
    ...carried('p90', 0.9),
    ...carried('p95', 0.95),
    ...carried('p99', 0.99),
    standardDeviation: n === 1 ? 0 : Math.sqrt(squares / (n - 1)),
  };
}
