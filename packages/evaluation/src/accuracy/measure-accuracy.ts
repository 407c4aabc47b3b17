import type { BackendSession } from '@webssl/backend';
import { type OpenedModel, openModel } from '@webssl/encoder';
import { loadTestImages, type TestImageSource, testImageSources } from '../images/load-test-images.js';
import { deviceLabel, openSessionOn } from '../run/device-choice.js';
import { environment, plannedModel } from '../run/plan.js';
import { RunRecorder } from '../run/run-recorder.js';
import type { AccuracyOptions, AccuracyResult, ImageDifference } from './accuracy-options.js';
import { AccuracyRun, comparedOutputs } from './accuracy-run.js';
import { type AccuracySettings, accuracySettings } from './accuracy-settings.js';
import type { Side } from './recorded-runs.js';
import { SavedTensors } from './saved-tensors.js';

/**
 * Compares what a candidate computes with what a reference computes, image by image, from the same pixel values. The
 * reference gets each image alone, the candidate in every batch size, in sessions of their own.
 *
 * The plan comes before a device is opened, so a run that fails leaves records that say so. An image that cannot be used, or
 * a batch that a device refuses, is a `run.error` record and takes no other down.
 *
 * @throws WebsslError `EVALUATION_OPTION_INVALID` and what {@link openModel} throws, without records;
 *   `EVALUATION_NOTHING_COMPARED`, `EVALUATION_DEVICE_POOL`, `EVALUATION_OUTPUT_UNWRITABLE`, `BACKEND_*`, `DEVICE_*`, `OUTPUT_*` and the signal's reason after `run.end`
 */
export async function measureAccuracy(options: AccuracyOptions): Promise<AccuracyResult> {
  const settings = accuracySettings(options);
  const { signal } = options;
  const model = await openModel(options.model, options);
  const sources = testImageSources(options.images);
  const recorder = new RunRecorder(options.onRecord);
  recorder.record('run.plan', {
    kind: 'accuracy',
    ...plannedModel(model),
    reference: deviceLabel(options.reference),
    candidate: deviceLabel(options.candidate),
    images: sources.length,
    batches: [...settings.batches],
    layers: comparedOutputs(settings, model.source.describe()).length - 1,
    stability: settings.stability,
    max_nmse: settings.maxNmse,
  });
  const images = await recorder.close(signal, async () => {
    try {
      recorder.record('run.environment', environment());
      return await compareDevices(options, settings, model, sources, recorder);
    } catch (error) {
      // The parts say each in its own words that they were aborted.
      signal?.throwIfAborted();
      throw error;
    }
  });
  return { records: recorder.records, images };
}

async function compareDevices(
  options: AccuracyOptions,
  settings: AccuracySettings,
  opened: OpenedModel,
  sources: readonly TestImageSource[],
  recorder: RunRecorder,
): Promise<ImageDifference[]> {
  const { signal, onStep } = options;
  const { processor, size, source } = opened;
  const model = source.describe();
  const outputs = comparedOutputs(settings, model);
  const sessions: BackendSession[] = [];
  const open = async (role: 'reference' | 'candidate'): Promise<Side> => {
    const label = deviceLabel(options[role]);
    const session = await openSessionOn(options[role], opened, {
      outputs,
      ...(signal === undefined ? {} : { signal }),
    });
    sessions.push(session);
    recorder.device(label, role, session.device);
    return { label, session };
  };
  const total = sources.length * settings.batches.length;
  let done = 0;
  const onCompared = (batchSizes: number) => {
    done += batchSizes;
    onStep?.(done, total);
  };

  const saved = options.save === undefined ? undefined : await SavedTensors.create(options.save);
  try {
    const reference = await open('reference');
    const candidate = await open('candidate');
    const run = new AccuracyRun({
      recorder,
      settings,
      model,
      size,
      reference,
      candidate,
      saved,
      signal,
      onCompared,
    });
    for await (const image of loadTestImages(sources, processor, { signal })) await run.add(image);
    const differences = await run.finish();
    signal?.throwIfAborted();
    await saved?.finish(model, { reference: reference.label, candidate: candidate.label });
    return differences;
  } finally {
    await Promise.all([saved?.abort(), ...sessions.map((session) => session.close())]);
  }
}
