import { availableParallelism } from 'node:os';
import { env } from 'node:process';
import type { TransferListItem } from 'node:worker_threads';
import { WebsslError } from '@webssl/backend';
import { exportedFile } from '@webssl/backend/host';
import { fastKernel } from './fast-kernel.js';
import type { ImageInput } from './image-input.js';
import { type ImageJob, toImageJob } from './image-job.js';
import { defaultLimits, type ImageLimits } from './image-limits.js';
import type { PreparationSettings } from './preparation-settings.js';
import type { PreprocessedImage } from './prepare-image.js';
import type { ProcessorConfig } from './processor-config.js';
import { fromPlainError, type WorkerRequest, type WorkerResponse } from './worker-messages.js';
import { WorkerPool } from './worker-pool.js';

export interface PreprocessorOptions {
  /**
   * Whether an EXIF orientation turns the image upright. Default 'ignore'.
   *
   * 'ignore' matches `processor(images=PIL.Image.open(file))`; 'apply' matches
   * `processor(images=transformers.image_utils.load_image(file))`, and so `pipeline('image-feature-extraction')`.
   */
  readonly exif?: 'ignore' | 'apply';
  /**
   * 'exact' (default) resizes as Pillow does, bit for bit. 'fast' resizes with libvips, which shrinks JPEG and WebP
   * while it decodes them: quicker for large images, and different pixels: NMSE 2e-5 to 7e-4 against exact on five
   * photographs (README.md says how that was measured). Raw pixels are always resized the exact way.
   */
  readonly resize?: 'exact' | 'fast';
  readonly limits?: Partial<ImageLimits>;
  /**
   * Images that are prepared at a time, each in a thread of its own. Default: the cores, but at most twice the threads
   * that decode (`UV_THREADPOOL_SIZE`, 4 if unset).
   */
  readonly concurrency?: number;
  /** Where the worker is, for programs that are bundled: the URL of `@webssl/preprocess/worker`. */
  readonly worker?: URL;
}

export interface ProcessOptions {
  /** Gives the image up; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Also return the uint8 pixels before rescaling and normalising. Default false. */
  readonly rgb?: boolean;
}

/** Turns images into pixel values, in worker threads. */
export interface Preprocessor {
  /**
   * Prepares one image. Calls may overlap.
   *
   * @throws WebsslError IMAGE_* for an image that cannot be used, PREPROCESS_CLOSED, PREPROCESS_WORKER_LOST
   */
  process(image: ImageInput, options?: ProcessOptions): Promise<PreprocessedImage>;
  /** Waits for the images under way and ends the threads. Idempotent. */
  close(): Promise<void>;
}

/**
 * Creates a preprocessor. Threads start with the first image and never keep a program alive by themselves.
 *
 * @throws WebsslError IMAGE_OPTION_INVALID
 */
export function createPreprocessor(config: ProcessorConfig, options: PreprocessorOptions = {}): Preprocessor {
  const settings: PreparationSettings = {
    config,
    exif: oneOf('exif', options.exif ?? 'ignore', ['ignore', 'apply']),
    resize: oneOf('resize', options.resize ?? 'exact', ['exact', 'fast']),
    limits: checkedLimits({ ...defaultLimits, ...options.limits }),
  };
  if (settings.resize === 'fast' && config.resize !== undefined) fastKernel(config.resize.filter);
  const pool = new WorkerPool<WorkerRequest, WorkerResponse>({
    entry: options.worker ?? exportedFile('@webssl/preprocess/worker', import.meta.url, 'worker'),
    workerData: settings,
    size: atLeastOne('concurrency', options.concurrency ?? defaultConcurrency()),
  });
  return {
    async process(image, { signal, rgb = false } = {}) {
      signal?.throwIfAborted();
      const job = await toImageJob(image, settings.limits, signal);
      const response = await pool.run({ job, rgb }, buffersOf(job), signal);
      if ('error' in response) throw fromPlainError(response.error);
      return response.image;
    },
    close: () => pool.close(),
  };
}

/** Decoding takes the larger part of the time, and happens in libuv's threads, of which there are four by default. */
function defaultConcurrency(): number {
  const decoders = Number.parseInt(env['UV_THREADPOOL_SIZE'] ?? '', 10) || 4;
  return Math.min(availableParallelism(), decoders * 2);
}

function buffersOf(job: ImageJob): TransferListItem[] {
  switch (job.kind) {
    case 'path':
      return [];
    case 'bytes':
      return [job.bytes.buffer];
    case 'pixels':
      return job.image.data.buffer instanceof ArrayBuffer ? [job.image.data.buffer] : [];
  }
}

function checkedLimits(limits: ImageLimits): ImageLimits {
  return {
    bytes: atLeastOne('limits.bytes', limits.bytes),
    pixels: atLeastOne('limits.pixels', limits.pixels),
    frames: atLeastOne('limits.frames', limits.frames),
  };
}

function atLeastOne(name: string, value: number): number {
  if (value >= 1) return value;
  throw optionInvalid(`${name} is ${value}: it must be a number of at least 1`);
}

function oneOf<const Value extends string>(name: string, value: Value, values: readonly Value[]): Value {
  if (values.includes(value)) return value;
  throw optionInvalid(
    `${name} is '${value}': it must be one of ${values.map((one) => `'${one}'`).join(', ')}`,
  );
}

function optionInvalid(problem: string): WebsslError {
  return new WebsslError({ code: 'IMAGE_OPTION_INVALID', message: `An option cannot be used: ${problem}.` });
}
