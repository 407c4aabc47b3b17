import { type Backend, type ImageSize, type Isolation, type ModelSource, WebsslError } from '@webssl/backend';
import { createModelSource } from '@webssl/graph';
import {
  createPreprocessor,
  type PreprocessorOptions,
  type ProcessorConfig,
  withImageSize,
} from '@webssl/preprocess';
import { type OpenCheckpointOptions, openCheckpoint } from '@webssl/registry';
import { parseDevice } from './device-specification.js';
import { Encoder } from './encoder.js';
import { demandOf, parseFeature } from './feature.js';
import { type CpuOptions, resolveBackend } from './resolve-backend.js';
import { SessionPool } from './session-pool.js';

/** A model made by the caller: its graph and how its images are prepared. */
export interface CustomModel {
  readonly source: ModelSource;
  readonly processor: ProcessorConfig;
  /** What a user of the model should know; handed on in `encoder.info`. */
  readonly warnings?: readonly string[];
}

export interface LoadEncoderOptions
  extends CpuOptions,
    OpenCheckpointOptions,
    Pick<PreprocessorOptions, 'exif' | 'resize' | 'limits'> {
  /**
   * `<backend>[:<precision>][@<index>,...]`, `npu` for the first Ascend backend that answers, or a Backend object.
   * Several indices make a pool. Default `cpu`.
   */
  readonly device?: string | Backend;
  /**
   * What the device gets ready for at loading. Later calls may ask for other features; what was not got ready for
   * costs opening another session. Default: `last_hidden_state`, which also serves `cls`, `patches` and `mean`.
   */
  readonly features?: readonly string[];
  /** Input size in pixels instead of the processor's: a side (shortest edge and crop) or a height and width. */
  readonly imageSize?: number | ImageSize;
  /** Where sessions run. Default: the backend's own. */
  readonly isolation?: Isolation;
}

/**
 * Loads a model onto a device.
 *
 * @param model a catalogue id such as `facebook/webssl-mae700m-full2b-224`, a checkpoint folder, `random:<catalogue id>`
 *   for synthetic weights, or a model of your own
 * @throws WebsslError `MODEL_*`, `CONFIG_*`, `CHECKPOINT_*`, `SAFETENSORS_*` for the model, `DEVICE_*` and `BACKEND_*` for
 *   the device, `GRAPH_SIZE_INVALID` for an image size that the patches do not divide, `FEATURE_UNKNOWN`
 */
export async function loadEncoder(
  model: string | CustomModel,
  options: LoadEncoderOptions = {},
): Promise<Encoder> {
  const { backends, precision } = await resolveDevice(options);
  const {
    source,
    processor: ownProcessor,
    warnings = [],
  } = typeof model === 'string' ? await open(model, options) : model;
  const processor =
    options.imageSize === undefined ? ownProcessor : withImageSize(ownProcessor, options.imageSize);
  const description = source.describe();
  const features = (options.features ?? ['last_hidden_state']).map((name) =>
    parseFeature(name, description.layers),
  );
  const size = inputSize(processor);
  const pool = new SessionPool({ backends, source, size, precision, isolation: options.isolation });
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
    });
  } catch (error) {
    await Promise.all([pool.close(), preprocessor.close()]);
    throw error;
  }
}

async function open(model: string, options: LoadEncoderOptions): Promise<CustomModel> {
  const checkpoint = await openCheckpoint(model, options);
  const { processor, unexpected } = checkpoint;
  const warnings = unexpected.length === 0 ? [] : [unusedTensors(unexpected)];
  return { source: createModelSource(checkpoint), processor, warnings };
}

/** Names come from a file: they are quoted, so that nothing in them reaches a terminal, and only a few are told. */
function unusedTensors(names: readonly string[]): string {
  const told = names.slice(0, 5).map((name) => JSON.stringify(name.slice(0, 200)));
  const rest = names.length > told.length ? ` and ${names.length - told.length} more` : '';
  return `${names.length} tensors of the checkpoint are not part of this architecture and not used: ${told.join(', ')}${rest}`;
}

async function resolveDevice({
  device = 'cpu',
  threads,
  mode,
}: LoadEncoderOptions): Promise<{ backends: Backend[]; precision: string | undefined }> {
  if (typeof device !== 'string') return { backends: [device], precision: undefined };
  const { backend, precision, indices } = parseDevice(device);
  const cpuOptions = {
    ...(threads === undefined ? {} : { threads }),
    ...(mode === undefined ? {} : { mode }),
  };
  const targets = indices.length === 0 ? [undefined] : indices;
  const backends = await Promise.all(targets.map((index) => resolveBackend(backend, index, cpuOptions)));
  return { backends, precision };
}

/** What every image is brought to; a session takes one size. */
function inputSize({ centerCrop, resize }: ProcessorConfig): ImageSize {
  if (centerCrop !== undefined) return centerCrop;
  if (resize !== undefined && 'height' in resize.size) return resize.size;
  throw new WebsslError({
    code: 'PROCESSOR_SIZE_VARIES',
    message:
      'The processor config neither crops nor resizes to a height and width, so its images have different sizes. Choose an image size.',
  });
}
