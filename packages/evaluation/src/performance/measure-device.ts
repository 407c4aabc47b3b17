import type { BackendSession } from '@webssl/backend';
import { untilAborted } from '@webssl/backend/host';
import type { OpenedModel } from '@webssl/encoder';
import { openSessionOn } from '../run/device-choice.js';
import type { RunRecorder } from '../run/run-recorder.js';
import { stateDims } from '../run/state-check.js';
import { checkAnswer } from './check-answer.js';
import { DeviceSession } from './device-session.js';
import { measureBatch, pixelBatch } from './measure-batch.js';
import { measureEndToEnd } from './measure-end-to-end.js';
import type { PreparedImages } from './measure-preprocessing.js';
import { peakMemory } from './peak-memory.js';
import type { NamedDevice, PerformancePlan } from './performance-plan.js';

/** What the measurements of all devices have in common. */
export interface PerformanceRun {
  readonly plan: PerformancePlan;
  readonly model: OpenedModel;
  readonly images: PreparedImages;
  readonly recorder: RunRecorder;
  readonly signal: AbortSignal | undefined;
  /** Called after each measurement, also one that failed. */
  readonly step: () => void;
}

/** Images a second of the reference device in batches of 1; undefined when it was not measured. */
export type Baseline = number | undefined;

/**
 * Opens a session of its own on a device, measures everything that was planned and closes it. A measurement that fails becomes a
 * record `run.error` and takes no other down.
 *
 * @returns the baseline, which the reference device sets
 * @throws when the device cannot be opened, or its first inference fails or gives an answer that is none; the signal's reason
 */
export async function measureDevice(
  { label: device, choice }: NamedDevice,
  role: 'reference' | 'candidate',
  { plan, model, images, recorder, signal, step }: PerformanceRun,
  referenceBaseline: Baseline,
): Promise<Baseline> {
  const stop = signal === undefined ? {} : { signal };
  const opening = performance.now();
  const session = await DeviceSession.open(() =>
    openSessionOn(choice, model, { outputs: ['last_hidden_state'], tokens: 'all', ...stop }),
  );
  const load_ms = performance.now() - opening;
  let baseline = referenceBaseline;
  let peak_memory_bytes: number | undefined;
  const notePeakMemory = () => {
    const { processId } = session.latest.device.details;
    // Without a process of its own the memory is that of this one, with everything else that it does.
    const bytes = typeof processId === 'number' ? peakMemory(processId) : undefined;
    if (bytes !== undefined) peak_memory_bytes = Math.max(bytes, peak_memory_bytes ?? 0);
  };
  const attempt = async (batch: number, measure: (session: BackendSession) => Promise<void>) => {
    try {
      signal?.throwIfAborted();
      await measure(await session.alive());
    } catch (error) {
      signal?.throwIfAborted();
      recorder.error(error, { device, batch });
    }
    notePeakMemory();
    step();
  };
  try {
    recorder.device(device, role, session.latest.device);
    const first = pixelBatch(images.pixels, 1, model.size);
    const start = performance.now();
    const { tensors } = await untilAborted(session.latest.run(first, stop), signal);
    const first_inference_ms = performance.now() - start;
    checkAnswer(tensors.last_hidden_state, stateDims(model.source.describe(), model.size, 1));
    for (const batch of plan.batches.toSorted((left, right) => left - right)) {
      await attempt(batch, async (open) => {
        const input = pixelBatch(images.pixels, batch, model.size);
        const figures = await measureBatch(open, model, input, plan, signal);
        if (role === 'reference' && batch === 1) baseline = figures.images_per_second;
        recorder.record('performance.batch', {
          device,
          batch,
          concurrency: plan.concurrency,
          ...figures,
          speedup: baseline === undefined ? undefined : figures.images_per_second / baseline,
        });
      });
      if (!plan.endToEnd) continue;
      await attempt(batch, async (open) => {
        const figures = await measureEndToEnd(open, model, images.sources, batch, plan, signal);
        recorder.record('performance.end_to_end', { device, batch, ...figures });
      });
    }
    recorder.record('performance.device', { device, load_ms, first_inference_ms, peak_memory_bytes });
  } finally {
    await session.close();
  }
  return baseline;
}
