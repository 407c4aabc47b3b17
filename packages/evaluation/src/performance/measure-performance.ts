import { setMaxListeners } from 'node:events';
import { WebsslError } from '@webssl/backend';
import { type OpenedModel, openModel } from '@webssl/encoder';
import { environment, plannedModel } from '../run/plan.js';
import { RunRecorder } from '../run/run-recorder.js';
import { type Baseline, measureDevice } from './measure-device.js';
import { measurePreprocessing } from './measure-preprocessing.js';
import { type PerformanceImage, performanceImages } from './performance-images.js';
import type { PerformanceOptions, PerformanceResult } from './performance-options.js';
import { type PerformancePlan, performancePlan } from './performance-plan.js';

export type { PerformanceOptions, PerformanceResult } from './performance-options.js';

/**
 * Measures how fast a model runs on one or several devices. Each device has the machine to itself: it is opened, measured in
 * every batch size and closed before the next one. A device, batch or image that fails becomes a record `run.error` and takes no
 * other down.
 *
 * @throws WebsslError `EVALUATION_OPTION_INVALID`, `EVALUATION_IMAGES_UNUSABLE`, `EVALUATION_NOTHING_MEASURED` when no
 *   device could be measured in any batch size; what `openModel` of `@webssl/encoder` throws; the signal's reason
 */
export async function measurePerformance(options: PerformanceOptions): Promise<PerformanceResult> {
  const plan = performancePlan(options);
  const model = await openModel(options.model, options);
  const images = await performanceImages(options.images);
  const signal = options.signal && withoutListenerLimit(options.signal);
  const recorder = new RunRecorder(options.onRecord);
  recorder.record('run.plan', {
    ...plannedModel(model),
    kind: 'performance',
    devices: plan.devices.map(({ label }) => label),
    images: images.length,
    batches: [...plan.batches],
    concurrency: plan.concurrency,
    warmup: plan.warmup,
    min_seconds: plan.minSeconds,
    min_iterations: plan.minIterations,
    end_to_end: plan.endToEnd,
  });
  await recorder.close(signal, async () => {
    try {
      signal?.throwIfAborted();
      recorder.record('run.environment', await environment());
      await measureAll(plan, model, images, recorder, signal, options.onStep);
    } catch (error) {
      // Each part says in its own words that it was stopped.
      signal?.throwIfAborted();
      throw error;
    }
  });
  return { records: recorder.records };
}

async function measureAll(
  plan: PerformancePlan,
  model: OpenedModel,
  images: readonly PerformanceImage[],
  recorder: RunRecorder,
  signal: AbortSignal | undefined,
  onStep: PerformanceOptions['onStep'],
): Promise<void> {
  const stepsPerDevice = plan.batches.length * (plan.endToEnd ? 2 : 1);
  const total = 1 + plan.devices.length * stepsPerDevice;
  let done = 0;
  const advance = (to: number) => {
    if (to <= done) return;
    done = to;
    onStep?.(done, total);
  };
  const prepared = await measurePreprocessing(images, model.processor, plan, recorder, signal);
  advance(1);
  const run = { plan, model, images: prepared, recorder, signal, step: () => advance(done + 1) };
  let baseline: Baseline;
  for (const [position, device] of plan.devices.entries()) {
    try {
      baseline = await measureDevice(device, position === 0 ? 'reference' : 'candidate', run, baseline);
    } catch (error) {
      signal?.throwIfAborted();
      recorder.error(error, { device: device.label });
    }
    advance(1 + (position + 1) * stepsPerDevice);
  }
  if (!recorder.records.some(({ record }) => record === 'performance.batch')) throw nothingMeasured();
}

/** The same signal for runs of any number: Node warns when more than ten wait for one signal. */
function withoutListenerLimit(signal: AbortSignal): AbortSignal {
  const unlimited = AbortSignal.any([signal]);
  setMaxListeners(0, unlimited);
  return unlimited;
}

function nothingMeasured(): WebsslError {
  return new WebsslError({
    code: 'EVALUATION_NOTHING_MEASURED',
    message:
      'No device could be measured in any batch size. The records run.error say why for each device and batch.',
  });
}
