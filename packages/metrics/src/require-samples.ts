import { WebsslError } from '@webssl/backend';

/** @throws WebsslError `METRICS_SAMPLES_INVALID` without samples or with one that is not finite */
export function requireSamples(samples: readonly number[]): void {
  const position = samples.findIndex((sample) => !Number.isFinite(sample));
  if (samples.length > 0 && position < 0) return;
  throw new WebsslError({
    code: 'METRICS_SAMPLES_INVALID',
    message:
      samples.length === 0
        ? 'There are no samples to summarise: measure at least once.'
        : `Sample ${position} is ${samples[position]}: only finite numbers can be summarised.`,
  });
}
