import { WebsslError } from '@webssl/backend';
import { summarizeSamples } from '@webssl/metrics';
import { createPreprocessor, type ProcessorConfig } from '@webssl/preprocess';
import type { RunRecorder } from '../run/run-recorder.js';
import { secondsSince } from './measured-runs.js';
import type { PerformanceImage } from './performance-images.js';
import type { PerformancePlan } from './performance-plan.js';

/** The images that can be used. */
export interface PreparedImages {
  /** At least one. */
  readonly sources: readonly PerformanceImage['source'][];
  /** Pixel values `[3, H, W]` of the first ones, as many as the largest batch takes. */
  readonly pixels: readonly Float32Array[];
}

/**
 * Prepares every image once, untimed: one that cannot be used becomes a record `run.error`, and the thread is warm. Then
 * times single ones for the record `performance.preprocessing`: at least `minIterations`, and on until each image has had its turn or
 * `minSeconds` are over.
 *
 * @throws WebsslError `EVALUATION_IMAGES_UNUSABLE` when no image can be used; the signal's reason
 */
export async function measurePreprocessing(
  images: readonly PerformanceImage[],
  processor: ProcessorConfig,
  { batches, minIterations, minSeconds }: PerformancePlan,
  recorder: RunRecorder,
  signal: AbortSignal | undefined,
): Promise<PreparedImages> {
  const largest = Math.max(...batches);
  const sources: PerformanceImage['source'][] = [];
  const pixels: Float32Array[] = [];
  const preprocessor = createPreprocessor(processor, { concurrency: 1 });
  const options = signal === undefined ? {} : { signal };
  try {
    for (const [index, { name, source }] of images.entries()) {
      try {
        const { pixelValues } = await preprocessor.process(source, options);
        sources.push(source);
        if (pixels.length < largest) pixels.push(pixelValues.data);
      } catch (error) {
        signal?.throwIfAborted();
        recorder.error(error, { index, image: name });
      }
    }
    if (sources.length === 0) throw unusable(images.length);
    const times: number[] = [];
    const began = performance.now();
    const wanted = () =>
      times.length < minIterations || (times.length < sources.length && secondsSince(began) < minSeconds);
    while (wanted()) {
      const start = performance.now();
      await preprocessor.process(sources[times.length % sources.length] ?? '', options);
      times.push(performance.now() - start);
    }
    const { n, minimum, mean, median, standardDeviation } = summarizeSamples(times);
    recorder.record('performance.preprocessing', {
      n,
      min_ms: minimum,
      mean_ms: mean,
      median_ms: median,
      stddev_ms: standardDeviation,
    });
  } finally {
    await preprocessor.close();
  }
  return { sources, pixels };
}

function unusable(count: number): WebsslError {
  return new WebsslError({
    code: 'EVALUATION_IMAGES_UNUSABLE',
    message: `Nothing can be measured: none of the ${count} images can be used. A record run.error says why for each.`,
  });
}
