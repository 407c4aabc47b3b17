import { WebsslError } from '@webssl/backend';

/**
 * The value below which `share` of the samples lie, interpolated linearly between neighbours
 * (numpy's default, type 7 of Hyndman and Fan 1996).
 *
 * @param samples in any order; not changed
 * @param share 0 to 1; 0.5 is the median
 * @throws WebsslError `METRICS_SAMPLES_INVALID` without samples or with a share outside 0 to 1
 */
export function percentile(samples: readonly number[], share: number): number {
  if (samples.length === 0 || !(share >= 0 && share <= 1)) {
    throw new WebsslError({
      code: 'METRICS_SAMPLES_INVALID',
      message: `A percentile needs at least one sample and a share from 0 to 1; got ${samples.length} samples and ${share}.`,
    });
  }
  const sorted = [...samples].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return below + (above - below) * (position - Math.floor(position));
}

/** The middle sample, or the mean of the two in the middle. See {@link percentile}. */
export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}
