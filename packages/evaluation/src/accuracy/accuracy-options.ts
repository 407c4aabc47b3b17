import type { EvaluationRecord } from '@webssl/checker';
import type { DeviceChoice } from '../run/device-choice.js';
import type { EvaluationOptions } from '../run/evaluation-options.js';

export interface AccuracyOptions extends EvaluationOptions {
  readonly reference: DeviceChoice;
  readonly candidate: DeviceChoice;
  /**
   * Batch sizes in which the candidate gets the images; 1 is always one of them. Default `[1, 2]`: alone, and where images
   * could be swapped.
   *
   * Every row of every batch is compared. Where too few images are left to fill a batch, variations of their pixel values
   * fill it up (backwards, each rolled on by another amount), and the reference computes each of these alone: at most
   * `batch - 1` runs more a batch size, fewer where sizes share them. The figures of an image in a batch size are those of
   * the worst of its rows: its own, and those of its variations.
   */
  readonly batches?: readonly number[];
  /** Bound on the NMSE, a ratio; the plan tells it to the checker. Default 0.01. */
  readonly maxNmse?: number;
  /** Bound on the NMSE of every layer, a ratio; the plan tells it to the checker. Default: that of the whole, `maxNmse`. */
  readonly maxLayerNmse?: number;
  /**
   * Also compare after the embeddings and after every layer, at batch 1. The candidate then has a second session for them:
   * everything else comes from one that computes `last_hidden_state` alone, as it is used and measured. Default false.
   */
  readonly layers?: boolean;
  /** Runs of the candidate per image and batch, at least 2, that are compared with its first run alone. Default 0: none. */
  readonly stability?: number;
  /**
   * Folder for `reference.safetensors` and `candidate.safetensors` with what was compared at batch 1; made when it is not
   * there. When no image has the same shapes on both sides there are no files, those of an earlier run neither.
   */
  readonly save?: string;
}

/** Where on the patch grid an image's features differ. */
export interface ImageDifference {
  readonly index: number;
  readonly image: string;
  /** What the model sees: RGB, `[H, W, 3]`. */
  readonly rgb: Uint8Array;
  readonly height: number;
  readonly width: number;
  /** Patches a column and a row. */
  readonly rows: number;
  readonly columns: number;
  /** Relative L2 error of every patch token of `last_hidden_state`, row by row: a float64 per patch; NaN where it has none. */
  readonly patchErrors: Float64Array;
}

export interface AccuracyResult {
  readonly records: readonly EvaluationRecord[];
  /**
   * One an image that could be compared, at batch 1, in the order of the images; of more than 32 those that differ most. No
   * more are in memory at any time, each with `3 * H * W` bytes of `rgb` and 8 bytes a patch; of all others only `records`
   * stay.
   */
  readonly images: readonly ImageDifference[];
}
