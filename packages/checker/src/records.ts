import { z } from 'zod';
import { count, counts, figure, flag, names, positive, schemaVersion, text } from './record-fields.js';

const run = { run: text.min(1) };

/** What every plan says: the model and this program. `weights` identifies weights and config. */
const planned = {
  ...run,
  schema: schemaVersion,
  started: text,
  version: text,
};
const plannedModel = {
  ...planned,
  model: text,
  revision: text.optional(),
  weights: text,
  synthetic: flag,
  height: positive,
  width: positive,
};

/** How far a candidate's tensor is from the reference's (`@webssl/metrics`). Ratios; `nmse_percent` is `100 * nmse`. */
const figures = {
  values: count,
  nmse: figure,
  nmse_percent: figure,
  relative_l2: figure,
  cosine: figure,
  max_abs_error: figure,
  /** Values of the candidate that are NaN or infinite. */
  not_finite: count,
  reference_not_finite: count,
  /** Why the figures cannot be trusted. */
  problem: z.enum(['shape-mismatch', 'not-finite', 'zero-reference']).optional(),
};
const image = { index: count, image: text };

/** One object a record; the key is its name, the first word of its line. Times are in milliseconds, sizes in bytes. */
export const recordSchemas = {
  /** Opens a run: what is to be expected of it. */
  'run.plan': z.discriminatedUnion('kind', [
    z.object({
      ...plannedModel,
      kind: z.literal('accuracy'),
      reference: text,
      candidate: text,
      images: positive,
      batches: counts,
      /** Hidden states that are compared: 0 without `--layers`, else the embeddings and every layer. */
      layers: count,
      /** Runs per image and batch that must agree; 0 when it was not asked for. */
      stability: count,
      max_nmse: figure,
      /** Of every layer; absent when it is that of the whole. */
      max_layer_nmse: figure.optional(),
    }),
    z.object({
      ...plannedModel,
      kind: z.literal('performance'),
      /** The first one is the reference of the speed-up. */
      devices: names,
      images: positive,
      batches: counts,
      concurrency: positive,
      warmup: count,
      min_seconds: figure,
      min_iterations: positive,
      end_to_end: flag,
    }),
    z.object({
      ...planned,
      kind: z.literal('comparison'),
      reference: text,
      candidate: text,
      tensors: count,
      max_nmse: figure,
      /** Whether a file says that its tensors are of synthetic weights; absent when neither says. */
      synthetic: flag.optional(),
    }),
  ]),
  'run.environment': z.object({
    ...run,
    node: text,
    platform: text,
    arch: text,
    os: text,
    cpu: text,
    /** Logical processors that this process may use. */
    processors: positive,
    memory_bytes: count,
    /** What decodes and resizes images, with its version. */
    image_library: text.optional(),
  }),
  /** What a device name turned out to be. `details` is a JSON object: threads, mode and the like. */
  'run.device': z.object({
    ...run,
    device: text,
    role: z.enum(['reference', 'candidate']),
    backend: text,
    name: text,
    precision: text,
    library: text,
    isolation: text,
    index: count.optional(),
    details: text,
  }),
  /** Something that was asked for and could not be had. The run goes on where it can. */
  'run.error': z.object({
    ...run,
    code: text,
    message: text,
    device: text.optional(),
    batch: positive.optional(),
    index: count.optional(),
    image: text.optional(),
  }),
  /** Closes a run. `records` counts its records before this one, the plan included. */
  'run.end': z.object({
    ...run,
    status: z.enum(['complete', 'interrupted', 'failed']),
    records: positive,
    seconds: figure,
  }),

  /** One image in a batch of `batch` on the candidate, against the same image alone on the reference. */
  'accuracy.image': z.object({
    ...run,
    ...image,
    batch: positive,
    tensor: z.enum(['last_hidden_state', 'cls']),
    ...figures,
  }),
  /** `hidden_states.<layer>`: 0 after the embeddings, k after layer k. */
  'accuracy.layer': z.object({ ...run, ...image, layer: count, ...figures }),
  /** Over all images and batches. */
  'accuracy.total': z.object({
    ...run,
    tensor: z.enum(['last_hidden_state', 'cls']),
    comparisons: count,
    mean_nmse: figure,
    mean_nmse_percent: figure,
    max_nmse: figure,
    max_nmse_percent: figure,
    mean_relative_l2: figure,
    max_relative_l2: figure,
    mean_cosine: figure,
    min_cosine: figure,
    max_abs_error: figure,
    not_finite: count,
  }),
  /** Where a device starts to drift: the first layer of any image over the bound, absent when none is. */
  'accuracy.drift': z.object({
    ...run,
    bound: figure,
    first_layer_over: count.optional(),
    worst_layer: count,
    worst_nmse: figure,
  }),
  /** `runs` runs of one image in batches of `batch`, at changing places, against its first run alone. */
  'accuracy.stability': z.object({
    ...run,
    ...image,
    batch: positive,
    runs: positive,
    identical: flag,
    max_nmse: figure,
    max_abs_error: figure,
    not_finite: count,
  }),
  /** One tensor of a comparison of two files. */
  'accuracy.tensor': z.object({ ...run, tensor: text, ...figures }),

  'performance.device': z.object({
    ...run,
    device: text,
    load_ms: figure,
    first_inference_ms: figure,
    /** Of the session's own process, weights that it maps from a file included. Absent without one, or where the system does not tell. */
    peak_memory_bytes: count.optional(),
  }),
  /** Milliseconds an image, decoding included; one at a time. */
  'performance.preprocessing': z.object({
    ...run,
    n: positive,
    min_ms: figure,
    mean_ms: figure,
    median_ms: figure,
    stddev_ms: figure,
  }),
  /** Milliseconds a batch. Percentiles are absent where `n` samples do not carry them. */
  'performance.batch': z.object({
    ...run,
    device: text,
    batch: positive,
    concurrency: positive,
    n: positive,
    seconds: figure,
    min_ms: figure,
    mean_ms: figure,
    median_ms: figure,
    p90_ms: figure.optional(),
    p95_ms: figure.optional(),
    p99_ms: figure.optional(),
    stddev_ms: figure,
    images_per_second: figure,
    /** Means of the phases that the backend can tell apart. */
    host_to_device_ms: figure.optional(),
    compute_ms: figure.optional(),
    device_to_host_ms: figure.optional(),
    /** Images a second over those of the reference device in batches of 1; absent when that was not measured. */
    speedup: figure.optional(),
    first_half_ms: figure,
    second_half_ms: figure,
    unstable: flag,
  }),
  /** From file to feature, preprocessing beside the device. */
  'performance.end_to_end': z.object({
    ...run,
    device: text,
    batch: positive,
    images: positive,
    seconds: figure,
    images_per_second: figure,
  }),
};

export type RecordName = keyof typeof recordSchemas;

/** One record of an evaluation: its name and what its schema says. */
export type EvaluationRecord = {
  [Name in RecordName]: { readonly record: Name } & Readonly<z.output<(typeof recordSchemas)[Name]>>;
}[RecordName];

/** The records of one name. */
export type RecordOf<Name extends RecordName> = Extract<EvaluationRecord, { readonly record: Name }>;

/** A line that begins as a record and is none: cut off, or written by something else. */
export interface DamagedRecord {
  readonly record: 'log.damaged';
  /** Counted from 1, by line feeds. */
  readonly line: number;
  readonly message: string;
  /** The version that a plan was written with, where it is another than {@link recordSchemaVersion}. */
  readonly schema?: number;
}

export type LogRecord = EvaluationRecord | DamagedRecord;
