import type { BackendSession, ImageSize, PixelBatch, RunTiming } from '@webssl/backend';
import type { OpenedModel } from '@webssl/encoder';
import { compareHalves, summarizeSamples } from '@webssl/metrics';
import { stateDims } from '../run/state-check.js';
import { checkAnswer } from './check-answer.js';
import { type MeasuredRuns, measureRuns } from './measured-runs.js';
import type { PerformancePlan } from './performance-plan.js';

/**
 * Times one batch size on an open session. The answers of the last warm-up run and of the first and last measured run are
 * checked, outside the time that is measured.
 *
 * @returns figures of the record `performance.batch`
 * @throws WebsslError `EVALUATION_RESULT_INVALID`; what `BackendSession.run` throws; the signal's reason
 */
export async function measureBatch(
  session: BackendSession,
  { source, size }: OpenedModel,
  input: PixelBatch,
  { warmup, minSeconds, minIterations, concurrency }: PerformancePlan,
  signal: AbortSignal | undefined,
) {
  const [batch] = input.dims;
  const dims = stateDims(source.describe(), size, batch);
  const run = () => session.run(input, signal === undefined ? {} : { signal });
  if (warmup > 0) {
    // One for each lane at least: a device may have buffers of their own for runs that it is given at once.
    const least = Math.max(warmup, concurrency);
    const { last } = await measureRuns(run, {
      concurrency,
      isEnough: (submitted) => submitted >= least,
      signal,
    });
    checkAnswer(last?.tensors.last_hidden_state, dims);
  }
  // They meet an empty queue and would look faster than those that come after them.
  const filling = concurrency - 1;
  const measured = await measureRuns(run, {
    concurrency,
    isEnough: (submitted, seconds) => submitted >= minIterations + filling && seconds >= minSeconds,
    signal,
  });
  for (const result of [measured.first, measured.last]) checkAnswer(result?.tensors.last_hidden_state, dims);
  return figuresOf(measured, filling, batch);
}

/** @param filling leading runs that count for the throughput and not for the latency */
function figuresOf({ runs, seconds }: MeasuredRuns, filling: number, batch: number) {
  const steady = runs.slice(filling);
  const times = steady.map(({ milliseconds }) => milliseconds);
  const { n, minimum, mean, median, p90, p95, p99, standardDeviation } = summarizeSamples(times);
  const { firstHalf, secondHalf, unstable } = compareHalves(times);
  const timings = steady.map(({ timing }) => timing);
  return {
    n,
    seconds,
    min_ms: minimum,
    mean_ms: mean,
    median_ms: median,
    p90_ms: p90,
    p95_ms: p95,
    p99_ms: p99,
    stddev_ms: standardDeviation,
    images_per_second: (runs.length * batch) / seconds,
    host_to_device_ms: meanOf(timings, 'hostToDevice'),
    compute_ms: meanOf(timings, 'compute'),
    device_to_host_ms: meanOf(timings, 'deviceToHost'),
    first_half_ms: firstHalf,
    second_half_ms: secondHalf,
    unstable,
  };
}

/** Undefined where a run did not tell. */
function meanOf(timings: readonly (RunTiming | undefined)[], phase: keyof RunTiming): number | undefined {
  const values = timings.flatMap((timing) => timing?.[phase] ?? []);
  return values.length === timings.length ? summarizeSamples(values).mean : undefined;
}

/** A batch whose row r is image r, from the first again after the last. */
export function pixelBatch(
  images: readonly Float32Array[],
  batch: number,
  { height, width }: ImageSize,
): PixelBatch {
  const length = 3 * height * width;
  const data = new Float32Array(batch * length);
  for (let row = 0; row < batch; row++) data.set(images[row % images.length] ?? [], row * length);
  return { data, dims: [batch, 3, height, width] };
}
