import { median } from './percentile.js';
import { requireSamples } from './require-samples.js';

/** The medians of the earlier and the later half of a series of measurements. */
export interface SampleHalves {
  readonly firstHalf: number;
  readonly secondHalf: number;
  /** Whether the two differ by more than the tolerance: what was measured changed while it was measured. */
  readonly unstable: boolean;
}

/**
 * Compares the earlier with the later half of a series, in the order of measuring. Of an odd number the sample in the
 * middle belongs to neither half; one sample is both.
 *
 * @param tolerance share of the smaller median by which the two may differ; 0.1 is 10 %
 * @throws WebsslError `METRICS_SAMPLES_INVALID` without samples or with one that is not finite
 */
export function compareHalves(samples: readonly number[], tolerance = 0.1): SampleHalves {
  requireSamples(samples);
  const length = Math.max(1, Math.floor(samples.length / 2));
  const firstHalf = median(samples.slice(0, length));
  const secondHalf = median(samples.slice(-length));
  const smaller = Math.min(Math.abs(firstHalf), Math.abs(secondHalf));
  return { firstHalf, secondHalf, unstable: Math.abs(firstHalf - secondHalf) > tolerance * smaller };
}
