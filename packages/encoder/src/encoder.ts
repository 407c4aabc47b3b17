import { availableParallelism } from 'node:os';
import {
  type ImageSize,
  type ModelDescription,
  type PixelBatch,
  type RunResult,
  type Tensor,
  WebsslError,
} from '@webssl/backend';
import type { ImageInput, Preprocessor, ProcessorConfig } from '@webssl/preprocess';
import { type Capacity, type Group, type Room, Scheduler, type SchedulerState } from '@webssl/scheduler';
import type { BatchingOptions } from './batching-options.js';
import type { DeviceCheck, DeviceState } from './device-state.js';
import type {
  EncodeAllOptions,
  EncodeOptions,
  EncodeResult,
  EncoderInfo,
  Features,
  ImageReservation,
} from './encoder-types.js';
import {
  alone,
  covers,
  type Demand,
  demandOf,
  type Feature,
  featureOf,
  imageOf,
  parseFeature,
  unionOf,
} from './feature.js';
import { type Outcome, runPipeline } from './image-pipeline.js';
import { PixelBuffers } from './pixel-buffers.js';
import { positive } from './positive.js';
import { closedError, type SessionPool } from './session-pool.js';

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
  readonly batching: BatchingOptions;
}

/** An image on its way to the device. */
interface Job {
  readonly image: ImageInput;
  readonly request: Request;
}

interface PreparedJob {
  readonly pixelValues: Tensor;
  readonly request: Request;
}

/** A model on a device, ready to turn images into features. Made by {@link loadEncoder}. */
export class Encoder {
  readonly #parts: EncoderParts;
  /** Aborted by `close`, with the error that every later use gets. */
  readonly #closing = new AbortController();
  readonly #buffers = new PixelBuffers();
  readonly #scheduler: Scheduler<Job, PreparedJob, Features>;
  /** What the sessions that stay open serve. */
  readonly #firstDemand: Demand;
  /** Larger or smaller batches that calls under way asked for, one entry a call. */
  readonly #askedBatches: number[] = [];

  /** @internal */
  constructor(parts: EncoderParts) {
    this.#parts = parts;
    const { queue, maxBatchWait, onBatch } = parts.batching;
    this.#firstDemand = demandOf(parts.features);
    this.#scheduler = new Scheduler<Job, PreparedJob, Features>({
      capacity: () => this.#capacity(),
      prepare: async ({ image, request }, signal) => {
        const { pixelValues } = await parts.preprocessor.process(image, { signal });
        return { pixelValues, request };
      },
      run: (batch, signal) => this.#run(batch, signal),
      groupOf: ({ request }) => request.group,
      ...(queue === undefined ? {} : { limits: queue }),
      ...(maxBatchWait === undefined ? {} : { maxBatchWait }),
      ...(onBatch === undefined ? {} : { onBatch }),
    });
  }

  get info(): EncoderInfo {
    const { model, size, processor, warnings, pool } = this.#parts;
    return { model, devices: pool.devices, size, processor, warnings };
  }

  /**
   * Features of one image, without a batch dimension: `cls` is `[D]`, `patches` `[N, D]`.
   *
   * @throws WebsslError `IMAGE_*` when the image cannot be read, `FEATURE_UNKNOWN`, `BACKEND_*`, `QUEUE_FULL`,
   *   `DEADLINE_EXCEEDED`, `ENCODER_CLOSED`; the signal's reason
   */
  async encode<const Name extends string = Feature>(
    image: ImageInput,
    options: EncodeOptions<Name> = {},
  ): Promise<Features<Name>> {
    const job = { image, request: this.#request(options) };
    return (await this.#orClosed(this.#scheduler.submit(job, options))) as Features<Name>;
  }

  /**
   * Holds room in the queue for the images of one request, so that all are taken or none. Several clients take turns.
   *
   * @param room images, and the bytes that they hold in memory
   * @param client who asks, by any name
   * @throws WebsslError `QUEUE_FULL` with `details.retryAfterSeconds`, `QUEUE_TOO_SMALL`, `ENCODER_CLOSED`
   */
  reserve(room: Partial<Room>, client?: string): ImageReservation {
    const reservation = this.#scheduler.reserve(room, client);
    return {
      grow: (more) => reservation.grow(more),
      release: () => reservation.release(),
      encode: async <const Name extends string = Feature>(
        image: ImageInput,
        options: EncodeOptions<Name> = {},
      ) => {
        const job = { image, request: this.#request(options) };
        return (await this.#orClosed(reservation.submit(job, options))) as Features<Name>;
      },
    };
  }

  /** How many images wait, are being prepared and are on the devices. */
  get queue(): SchedulerState {
    return this.#scheduler.state;
  }

  /** How well the devices are, in their order. */
  get deviceStates(): readonly DeviceState[] {
    return this.#parts.pool.states;
  }

  /**
   * Computes one image on every device, in every batch size that suits it, and so finds out which devices are well. A device
   * that was left out and is well again is used again.
   *
   * @returns one entry a device
   * @throws WebsslError `IMAGE_*` for the image, `ENCODER_CLOSED`; the signal's reason
   */
  async checkDevices(
    image: ImageInput,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly DeviceCheck[]> {
    const { pixelValues } = await this.#orClosed(
      this.#parts.preprocessor.process(image, signal === undefined ? {} : { signal }),
    );
    const dims = pixelValues.dims;
    return this.#orClosed(
      this.#parts.pool.check(
        (batch) => {
          const data = new Float32Array(batch * pixelValues.data.length);
          for (let row = 0; row < batch; row++) data.set(pixelValues.data, row * pixelValues.data.length);
          return { data, dims: [batch, 3, dims[1] ?? 0, dims[2] ?? 0] };
        },
        this.#firstDemand,
        signal,
      ),
    );
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
    const { batch } = options;
    const request = this.#request(options, batch === undefined ? undefined : positive(batch, 'batch'));
    const largest = batch ?? this.#parts.batch;
    const window = positive(options.window ?? largest * this.#parts.pool.runsInFlight * 2, 'window');
    const results = runPipeline<Image, Features>(images, {
      window,
      signals: options.signal === undefined ? [this.#closing.signal] : [this.#closing.signal, options.signal],
      encode: (image, signal) =>
        this.#scheduler.submit(
          { image, request },
          { signal, ...(options.deadline === undefined ? {} : { deadline: options.deadline }) },
        ),
    });
    this.#askedBatches.push(largest);
    try {
      for await (const { index, image, outcome } of results) {
        yield { index, image, ...featuresOrError(outcome as Outcome<Features<Name>>) };
      }
    } finally {
      this.#askedBatches.splice(this.#askedBatches.indexOf(largest), 1);
    }
  }

  /**
   * Features of pixels that were prepared elsewhere. They go to the device at once, past the queue.
   *
   * @param pixels float32 `[B, 3, H, W]`, H and W as in `info.size`
   * @returns tensors whose first dimension is the batch: `cls` is `[B, D]`
   * @throws WebsslError `BACKEND_INPUT_INVALID`, `FEATURE_UNKNOWN`, `BACKEND_*`, `ENCODER_CLOSED`
   */
  async encodePixelValues<const Name extends string = Feature>(
    pixels: PixelBatch,
    options: Omit<EncodeOptions<Name>, 'deadline'> = {},
  ): Promise<Features<Name>> {
    const { features, demand, normalize } = this.#request(options);
    const { tensors } = await this.#parts.pool.run(pixels, demand, options.signal);
    return Object.fromEntries(
      features.map((feature) => [feature, featureOf(feature, tensors, demand, normalize)]),
    ) as Features<Name>;
  }

  /** Ends the sessions and everything native. Idempotent. */
  async close(): Promise<void> {
    const reason = closedError();
    this.#closing.abort(reason);
    this.#scheduler.close(reason);
    await Promise.all([this.#parts.pool.close(), this.#parts.preprocessor.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #request({ features: names, normalize = false }: EncodeOptions, batch?: number): Request {
    this.#closing.signal.throwIfAborted();
    if (names?.length === 0) {
      throw new WebsslError({
        code: 'FEATURE_UNKNOWN',
        message: 'Name at least one feature, for example cls.',
      });
    }
    const features =
      names?.map((name) => parseFeature(name, this.#parts.model.layers)) ?? this.#parts.features;
    const demand = demandOf(features);
    // One session serves all of these, so that they may share its batches.
    const session = covers(this.#firstDemand, demand) ? '' : JSON.stringify(demand);
    const group = batch === undefined ? { key: session } : { key: `${batch} ${session}`, batch };
    return { features, demand, normalize, group };
  }

  /** The parts say each in its own words that they were closed. */
  async #orClosed<T>(result: Promise<T>): Promise<T> {
    try {
      return await result;
    } catch (error) {
      this.#closing.signal.throwIfAborted();
      throw error;
    }
  }

  #capacity(): Capacity {
    const { pool, batch } = this.#parts;
    const largest = Math.max(batch, ...this.#askedBatches);
    const devices = pool.devicesInService;
    // A batch behind each one that runs, and as many images again as can be prepared at a time.
    const ahead = largest * devices + preparationsAtATime;
    return { batch, devices, batchesInFlight: pool.runsInFlight, ahead };
  }

  async #run(jobs: readonly PreparedJob[], signal: AbortSignal): Promise<Features[]> {
    const demand = unionOf(jobs.map(({ request }) => request.demand));
    const tensors = await this.#runStacked(
      jobs.map(({ pixelValues }) => pixelValues),
      demand,
      signal,
    );
    return jobs.map(({ request: { features, normalize } }, position) => {
      const own = imageOf(tensors, position);
      return Object.fromEntries(
        features.map((feature) => [feature, alone(featureOf(feature, own, demand, normalize))]),
      );
    });
  }

  /** Runs images `[3, H, W]` as one batch `[B, 3, H, W]`. */
  async #runStacked(
    images: readonly Tensor[],
    demand: Demand,
    signal: AbortSignal,
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
  readonly group: Group;
}

/** Decoding and resizing happen in so many threads at most, or a few less. */
const preparationsAtATime = Math.max(2, availableParallelism());

function featuresOrError<Name extends string>(
  outcome: Outcome<Features<Name>>,
): { readonly features: Features<Name> } | { readonly error: Error } {
  if ('value' in outcome) return { features: outcome.value };
  const { error } = outcome;
  return { error: error instanceof Error ? error : new Error(String(error)) };
}
