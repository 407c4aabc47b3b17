import type { Isolation } from '@webssl/backend';
import { createPreprocessor, type PreprocessorOptions } from '@webssl/preprocess';
import type { BatchingOptions } from './batching-options.js';
import type { DeviceLoss } from './device-state.js';
import { Encoder } from './encoder.js';
import { demandOf, parseFeature } from './feature.js';
import { type CustomModel, type OpenModelOptions, openModel } from './open-model.js';
import { type DeviceOptions, resolveDevice } from './resolve-device.js';
import { SessionPool } from './session-pool.js';

export interface LoadEncoderOptions
  extends DeviceOptions,
    OpenModelOptions,
    BatchingOptions,
    Pick<PreprocessorOptions, 'exif' | 'resize' | 'limits'> {
  /**
   * What the device gets ready for at loading. Later calls may ask for other features; what was not got ready for
   * costs opening another session. Default: `last_hidden_state`, which also serves `cls`, `patches` and `mean`.
   */
  readonly features?: readonly string[];
  /** Where sessions run. Default: the backend's own. */
  readonly isolation?: Isolation;
  /**
   * Told of every session that is lost, by a crash, a hang or an error of the device. What it was computing is computed once
   * more, on another device of the pool or on a fresh session.
   */
  readonly onDeviceLost?: (loss: DeviceLoss) => void;
  /**
   * Milliseconds until a device that was lost so many times in a row is opened again; meanwhile its runs fail at once with
   * `BACKEND_LOST`. Default: none.
   */
  readonly reopenDelay?: (lossesInARow: number) => number;
}

/**
 * Loads a model onto a device.
 *
 * @param model a catalogue id such as `facebook/webssl-mae700m-full2b-224`, a checkpoint folder, `random:<catalogue id>`
 *   for synthetic weights, or a model of your own
 * @throws WebsslError `MODEL_*`, `CONFIG_*`, `CHECKPOINT_*`, `SAFETENSORS_*` for the model, `DEVICE_*` and `BACKEND_*` for
 *   the device, `GRAPH_SIZE_INVALID` for an image size that the patches do not divide, `FEATURE_UNKNOWN`,
 *   `ENCODER_OPTION_INVALID` and `SCHEDULER_OPTION_INVALID` for an option out of range
 */
export async function loadEncoder(
  model: string | CustomModel,
  options: LoadEncoderOptions = {},
): Promise<Encoder> {
  const { backends, precision } = await resolveDevice(options);
  const { source, processor, size, warnings } = await openModel(model, options);
  const description = source.describe();
  const features = (options.features ?? ['last_hidden_state']).map((name) =>
    parseFeature(name, description.layers),
  );
  const { isolation, onDeviceLost, reopenDelay } = options;
  const pool = new SessionPool({ backends, source, size, precision, isolation, onDeviceLost, reopenDelay });
  const preprocessor = createPreprocessor(processor, options);
  try {
    const batch = await pool.open(demandOf(features), options.signal);
    return new Encoder({
      model: description,
      warnings,
      size,
      processor,
      preprocessor,
      pool,
      batch,
      features,
      batching: options,
    });
  } catch (error) {
    await Promise.all([pool.close(), preprocessor.close()]);
    throw error;
  }
}
