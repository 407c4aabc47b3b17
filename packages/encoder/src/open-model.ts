import { type ImageSize, type ModelSource, WebsslError } from '@webssl/backend';
import { createModelSource, type ModelSourceOptions } from '@webssl/graph';
import { type ProcessorConfig, withImageSize } from '@webssl/preprocess';
import { type OpenCheckpointOptions, openCheckpoint } from '@webssl/registry';

/** A model made by the caller: its graph and how its images are prepared. */
export interface CustomModel {
  readonly source: ModelSource;
  readonly processor: ProcessorConfig;
  /** What a user of the model should know; handed on in `encoder.info`. */
  readonly warnings?: readonly string[];
}

export interface OpenModelOptions extends OpenCheckpointOptions {
  /** Input size in pixels instead of the processor's: a side (shortest edge and crop) or a height and width. */
  readonly imageSize?: number | ImageSize;
  /** Told how far the making of int8 weights is, which happens once for a model; they are kept in `cacheFolder`. */
  readonly onQuantizeProgress?: ModelSourceOptions['onQuantizeProgress'];
  /** File of the worker that makes them (`@webssl/graph/weight-worker`), where a bundler has moved it. */
  readonly quantizeWorkerEntry?: ModelSourceOptions['workerEntry'];
}

/** A model and the images that it takes: what is needed to open sessions on devices without an encoder. */
export interface OpenedModel {
  readonly source: ModelSource;
  /** The model's own, with the image size that was asked for. */
  readonly processor: ProcessorConfig;
  /** Input size in pixels. */
  readonly size: ImageSize;
  /** What is unusual about the checkpoint, in words, such as tensors that are not used. */
  readonly warnings: readonly string[];
}

/**
 * Finds, checks and reads a model; no device is involved.
 *
 * @param model as {@link loadEncoder} takes it
 * @throws WebsslError `MODEL_*`, `CONFIG_*`, `CHECKPOINT_*`, `SAFETENSORS_*`, `PROCESSOR_*`, `HUB_*`, `CACHE_*`
 */
export async function openModel(
  model: string | CustomModel,
  options: OpenModelOptions = {},
): Promise<OpenedModel> {
  const {
    source,
    processor: ownProcessor,
    warnings = [],
  } = typeof model === 'string' ? await open(model, options) : model;
  const processor =
    options.imageSize === undefined ? ownProcessor : withImageSize(ownProcessor, options.imageSize);
  return { source, processor, size: inputSize(processor), warnings };
}

async function open(model: string, options: OpenModelOptions): Promise<CustomModel> {
  const checkpoint = await openCheckpoint(model, options);
  const { processor, unexpected } = checkpoint;
  const warnings = unexpected.length === 0 ? [] : [unusedTensors(unexpected)];
  const { cacheFolder, onQuantizeProgress, quantizeWorkerEntry: workerEntry } = options;
  const source = createModelSource(checkpoint, { cacheFolder, onQuantizeProgress, workerEntry });
  return { source, processor, warnings };
}

/** Names come from a file: they are quoted, so that nothing in them reaches a terminal, and only a few are told. */
function unusedTensors(names: readonly string[]): string {
  const told = names.slice(0, 5).map((name) => JSON.stringify(name.slice(0, 200)));
  const rest = names.length > told.length ? ` and ${names.length - told.length} more` : '';
  return `${names.length} tensors of the checkpoint are not part of this architecture and not used: ${told.join(', ')}${rest}`;
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
