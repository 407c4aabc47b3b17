import type { OutputName } from '@webssl/backend';
import { type OpenedModel, openModel } from '@webssl/encoder';
import { loadTestImages, type TestImageSource, testImageSources } from '../images/load-test-images.js';
import { deviceLabel, openSessionOn } from '../run/device-choice.js';
import { environment, plannedModel } from '../run/plan.js';
import { RunRecorder } from '../run/run-recorder.js';
import { stateDims } from '../run/state-check.js';
import type { AccuracyOptions, AccuracyResult, ImageDifference } from './accuracy-options.js';
import { AccuracyRun } from './accuracy-run.js';
import { type AccuracySettings, accuracySettings } from './accuracy-settings.js';
import { comparedLayers } from './layer-comparisons.js';
import type { Side } from './recorded-runs.js';
import { SavedTensors } from './saved-tensors.js';

/**
 * Compares what a candidate computes with what a reference computes, image by image, from the same pixel values. The
 * reference gets each image alone, the candidate in every batch size ({@link AccuracyOptions.batches}), in sessions of their own.
 *
 * What the reference answers is checked for its shape: an image for which it answers with another one is not compared.
 *
 * The plan comes before a device is opened, so a run that fails leaves records that say so. An image that cannot be used, or
 * a batch that a device refuses, is a `run.error` record and takes no other down.
 *
 * @throws WebsslError `EVALUATION_OPTION_INVALID` and what `openModel` of `@webssl/encoder` throws, without records;
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
    layers: comparedLayers(settings, model.source.describe()).length,
    stability: settings.stability,
    max_nmse: settings.maxNmse,
    ...(settings.maxLayerNmse === undefined ? {} : { max_layer_nmse: settings.maxLayerNmse }),
  });
  const images = await recorder.close(signal, async () => {
    try {
      recorder.record('run.environment', await environment());
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
  const layers = comparedLayers(settings, model);
  const sides: Side[] = [];
  const open = async (role: 'reference' | 'candidate', outputs: readonly OutputName[]): Promise<Side> => {
    const label = deviceLabel(options[role]);
    const session = await openSessionOn(options[role], opened, {
      outputs,
      ...(signal === undefined ? {} : { signal }),
    });
    const side = { label, session };
    sides.push(side);
    return side;
  };
  const openAndRecord = async (role: 'reference' | 'candidate', outputs: readonly OutputName[]) => {
    const side = await open(role, outputs);
    recorder.device(side.label, role, side.session.device);
    return side;
  };
  const total = sources.length * settings.batches.length;
  let done = 0;
  const onCompared = (batchSizes: number) => {
    done += batchSizes;
    onStep?.(done, total);
  };

  const saved = options.save === undefined ? undefined : await SavedTensors.create(options.save);
  try {
    const reference = await openAndRecord('reference', ['last_hidden_state', ...layers]);
    const candidate = await openAndRecord('candidate', ['last_hidden_state']);
    // Apart from the main one: a graph with all hidden states as outputs is not the graph that is used and measured.
    const candidateLayers = layers.length === 0 ? undefined : await open('candidate', layers);
    const run = new AccuracyRun({
      recorder,
      settings,
      model,
      size,
      reference: { ...reference, dimsOf: (batch) => stateDims(model, size, batch) },
      candidate,
      candidateLayers,
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
    await saved?.abort();
    await closeAll(sides, recorder);
  }
}

/** Closes all sessions. One that cannot be closed is a record, and does not hide how the run ended. */
async function closeAll(sides: readonly Side[], recorder: RunRecorder): Promise<void> {
  await Promise.all(
    sides.map(({ label, session }) =>
      session.close().catch((error: unknown) => recorder.error(error, { device: label })),
    ),
  );
}
