import {
  type DeviceInfo,
  type ImageSize,
  type ModelDescription,
  type PixelBatch,
  type RunResult,
  type Tensor,
  WebsslError,
} from '@webssl/backend';
import type { ImageInput, PreprocessedImage, Preprocessor, ProcessorConfig } from '@webssl/preprocess';
import { type Demand, demandOf, type Feature, featureOf, imageOf, parseFeature } from './feature.js';
import { type Outcome, runPipeline } from './image-pipeline.js';
import { PixelBuffers } from './pixel-buffers.js';
import { closedError, type SessionPool } from './session-pool.js';

/** The features of one image or batch, by the names that were asked for. */
export type Features<Name extends string = string> = { readonly [F in Name]: Tensor };

export interface EncodeOptions<Name extends string = string> {
  /** See {@link Feature}. Default: the features that the encoder was loaded with. */
  readonly features?: readonly Name[];
  /** Divides each feature vector by its L2 norm; attention maps stay as they are. Default false. */
  readonly normalize?: boolean;
  readonly signal?: AbortSignal;
}

export interface EncodeAllOptions<Name extends string = string> extends EncodeOptions<Name> {
  /** Images in one call to the device. Default: what suits the device. Features do not depend on it. */
  readonly batch?: number;
  /** Images read ahead of the one that is handed out; bounds the memory. Default: four batches a device. */
  readonly window?: number;
}

/** One image of {@link Encoder.encodeAll}: its features, or the error that took their place. */
export type EncodeResult<Image, Name extends string = string> =
  | { readonly index: number; readonly image: Image; readonly features: Features<Name> }
  | { readonly index: number; readonly image: Image; readonly error: Error };

/** What an encoder is and how it sees images: worth keeping beside the features. */
export interface EncoderInfo {
  readonly model: ModelDescription;
  /** What really executes, one entry a device. */
  readonly devices: readonly DeviceInfo[];
  /** Input size in pixels. */
  readonly size: ImageSize;
  readonly processor: ProcessorConfig;
  /** What is unusual about the checkpoint, in words, such as tensors that are not used. */
  readonly warnings: readonly string[];
}

/** @internal What {@link loadEncoder} puts together. */
export interface EncoderParts {
  readonly model: ModelDescription;
  readonly warnings: readonly string[];
  readonly size: ImageSize;
  readonly processor: ProcessorConfig;
  readonly preprocessor: Preprocessor;
  readonly pool: SessionPool;
  readonly batch: number;
  readonly features: readonly Feature[];
}

/** A model on a device, ready to turn images into features. Made by {@link loadEncoder}. */
export class Encoder {
  readonly #parts: EncoderParts;
  /** Aborted by `close`, with the error that every later use gets. */
  readonly #closing = new AbortController();
  readonly #buffers = new PixelBuffers();

  /** @internal */
  constructor(parts: EncoderParts) {
    this.#parts = parts;
  }

  get info(): EncoderInfo {
    const { model, size, processor, warnings, pool } = this.#parts;
    return { model, devices: pool.devices, size, processor, warnings };
  }

  /**
   * Features of one image, without a batch dimension: `cls` is `[D]`, `patches` `[N, D]`.
   *
   * @throws WebsslError `IMAGE_*` when the image cannot be read, `FEATURE_UNKNOWN`, `BACKEND_*`, `ENCODER_CLOSED`
   */
  async encode<const Name extends string = Feature>(
    image: ImageInput,
    options: EncodeOptions<Name> = {},
  ): Promise<Features<Name>> {
    const request = this.#request(options);
    try {
      const { pixelValues } = await this.#prepare(image, options.signal);
      const [features] = await this.#run([pixelValues], request, options.signal);
      return features as Features<Name>;
    } catch (error) {
      // The parts say each in its own words that they were closed.
      this.#closing.signal.throwIfAborted();
      throw error;
    }
  }

  /**
   * Features of any number of images, in their order and with bounded memory: the next images are prepared while the
   * device works. An image that fails gives its error and takes no other with it.
   *
   * @param images any iterable or async iterable, of any length
   * @throws WebsslError `FEATURE_UNKNOWN`, `ENCODER_CLOSED`; what the iterable throws; the signal's reason
   */
  async *encodeAll<Image extends ImageInput, const Name extends string = Feature>(
    images: Iterable<Image> | AsyncIterable<Image>,
    options: EncodeAllOptions<Name> = {},
  ): AsyncGenerator<EncodeResult<Image, Name>, void, undefined> {
    const request = this.#request(options);
    const batch = positive(options.batch ?? this.#parts.batch, 'batch');
    const batchesInFlight = this.#parts.pool.runsInFlight;
    const results = runPipeline<Image, PreprocessedImage, Features>(images, {
      batch,
      batchesInFlight,
      window: positive(options.window ?? batch * batchesInFlight * 2, 'window'),
      signals: options.signal === undefined ? [this.#closing.signal] : [this.#closing.signal, options.signal],
      prepare: (image, signal) => this.#prepare(image, signal),
      run: (prepared, signal) =>
        this.#run(
          prepared.map(({ pixelValues }) => pixelValues),
          request,
          signal,
        ),
    });
    for await (const { index, image, outcome } of results) {
      yield { index, image, ...featuresOrError(outcome as Outcome<Features<Name>>) };
    }
  }

  /**
   * Features of pixels that were prepared elsewhere.
   *
   * @param pixels float32 `[B, 3, H, W]`, H and W as in `info.size`
   * @returns tensors whose first dimension is the batch: `cls` is `[B, D]`
   * @throws WebsslError `BACKEND_INPUT_INVALID`, `FEATURE_UNKNOWN`, `BACKEND_*`, `ENCODER_CLOSED`
   */
  async encodePixelValues<const Name extends string = Feature>(
    pixels: PixelBatch,
    options: EncodeOptions<Name> = {},
  ): Promise<Features<Name>> {
    const { features, demand, normalize } = this.#request(options);
    const { tensors } = await this.#parts.pool.run(pixels, demand, options.signal);
    return Object.fromEntries(
      features.map((feature) => [feature, featureOf(feature, tensors, demand, normalize)]),
    ) as Features<Name>;
  }

  /** Ends the sessions and everything native. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort(closedError());
    await Promise.all([this.#parts.pool.close(), this.#parts.preprocessor.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #request({ features: names, normalize = false }: EncodeOptions): Request {
    this.#closing.signal.throwIfAborted();
    if (names?.length === 0) {
      throw new WebsslError({
        code: 'FEATURE_UNKNOWN',
        message: 'Name at least one feature, for example cls.',
      });
    }
    const features =
      names?.map((name) => parseFeature(name, this.#parts.model.layers)) ?? this.#parts.features;
    return { features, demand: demandOf(features), normalize };
  }

  #prepare(image: ImageInput, signal: AbortSignal | undefined): Promise<PreprocessedImage> {
    return this.#parts.preprocessor.process(image, signal === undefined ? {} : { signal });
  }

  async #run(
    images: readonly Tensor[],
    { features, demand, normalize }: Request,
    signal: AbortSignal | undefined,
  ): Promise<Features[]> {
    const tensors = await this.#runStacked(images, demand, signal);
    const batched = features.map(
      (feature) => [feature, featureOf(feature, tensors, demand, normalize)] as const,
    );
    return images.map((_, position) =>
      Object.fromEntries(batched.map(([feature, tensor]) => [feature, imageOf(tensor, position)])),
    );
  }

  /** Runs images `[3, H, W]` as one batch `[B, 3, H, W]`. */
  async #runStacked(
    images: readonly Tensor[],
    demand: Demand,
    signal: AbortSignal | undefined,
  ): Promise<RunResult['tensors']> {
    const [, height = 0, width = 0] = images[0]?.dims ?? [];
    const length = 3 * height * width;
    const data = this.#buffers.take(images.length * length);
    try {
      images.forEach((image, position) => {
        data.set(image.data, position * length);
      });
      const batch: PixelBatch = { data, dims: [images.length, 3, height, width] };
      return (await this.#parts.pool.run(batch, demand, signal)).tensors;
    } finally {
      this.#buffers.giveBack(data);
    }
  }
}

interface Request {
  readonly features: readonly Feature[];
  readonly demand: Demand;
  readonly normalize: boolean;
}

function featuresOrError<Name extends string>(
  outcome: Outcome<Features<Name>>,
): { readonly features: Features<Name> } | { readonly error: Error } {
  if ('value' in outcome) return { features: outcome.value };
  const { error } = outcome;
  return { error: error instanceof Error ? error : new Error(String(error)) };
}

function positive(value: number, name: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new WebsslError({
    code: 'ENCODER_OPTION_INVALID',
    message: `${name} must be a whole number of at least 1, not ${value}.`,
  });
}
