import type { OutputName, TokenSelection } from '@webssl/backend';
import { z } from 'zod';

/** Number formats that a model can be compiled for. `mixed`: float16 where the compiler holds it to be harmless. */
export const offlinePrecisions = ['fp32', 'fp16', 'mixed'] as const;
export type OfflinePrecision = (typeof offlinePrecisions)[number];

/** Name of the manifest in the folder of an offline model. */
export const manifestName = 'webssl-offline-model.json';

/** A SoC as `aclrtGetSocName` names it. */
export const socPattern = /^[A-Za-z0-9][\w-]{0,63}$/;
/** `atc` takes 2 to 100 gears. */
export const mostBatchSizes = 100;
/** Far more than any NPU has memory for. */
export const largestBatchSize = 1_000_000;

const count = z.int().min(1);
const file = z.strictObject({
  /** Relative to the folder, with slashes. */
  path: z
    .string()
    .refine(isNormalised, 'a path below the folder, with slashes and without empty parts, . and ..'),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const outputName = z.custom<OutputName>(
  (value) =>
    typeof value === 'string' &&
    /^(?:last_hidden_state|(?:hidden_states|attentions)\.(?:0|[1-9]\d{0,8}))$/.test(value),
  'an output such as last_hidden_state or hidden_states.3',
);
const tokenSelection = z.enum(['all', 'cls', 'patches']) satisfies z.ZodType<TokenSelection>;

/** What lies beside an offline model (.om) that this package made: what it computes, and how it was made. */
export const offlineModelManifest = z.strictObject({
  format: z.literal(1),
  model: z.strictObject({
    id: z.string(),
    /** `ModelSource.fingerprint`: weights and config, on every machine alike. */
    fingerprint: z.string(),
    synthetic: z.boolean(),
  }),
  size: z.strictObject({ height: count, width: count }),
  outputs: z.array(outputName).min(1).refine(isUnique, 'each output once'),
  tokens: tokenSelection,
  precision: z.enum(offlinePrecisions),
  /** Ascending. One: a static model. */
  batchSizes: z
    .array(count.max(largestBatchSize))
    .min(1)
    .max(mostBatchSizes)
    .refine(isAscending, 'ascending batch sizes, each once'),
  soc: z.string().regex(socPattern),
  /** File name of the offline model in the folder. */
  offlineModel: z.string().regex(/^[^/\\]+\.om$/),
  /** Version of the standard ONNX operators that the graph is written for. */
  opset: count.optional(),
  /** Version of this package that wrote the graph. Folders of earlier ones do not say it. */
  websslVersion: z.string().optional(),
  /** The compiler with its arguments, as it was run in the folder. */
  command: z.array(z.string()).min(1),
  /** Version of CANN that compiled, as its installation says; `unknown` where it does not. */
  compilerVersion: z.string(),
  /** Every file that belongs to the offline model, the graph that was compiled included. */
  files: z
    .array(file)
    .min(1)
    .refine((files) => isUnique(files.map(({ path }) => path)), 'each file once'),
  /** ISO 8601. */
  created: z.iso.datetime(),
});
export type OfflineModelManifest = z.infer<typeof offlineModelManifest>;

/** An offline model that is there: its folder's real path and its manifest. */
export interface OfflineModel {
  readonly folder: string;
  readonly manifest: OfflineModelManifest;
}

/** A second spelling of a path would let a file be listed twice, and a file elsewhere be taken for one of the folder. */
function isNormalised(path: string): boolean {
  return (
    !/[\\\0]/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

function isUnique(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

function isAscending(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value > (values[index - 1] ?? value));
}
