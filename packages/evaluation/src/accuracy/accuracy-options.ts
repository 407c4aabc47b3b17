import type { EvaluationRecord } from '@webssl/checker';
import type { DeviceChoice } from '../run/device-choice.js';
import type { EvaluationOptions } from '../run/evaluation-options.js';

export interface AccuracyOptions extends EvaluationOptions {
  readonly reference: DeviceChoice;
  readonly candidate: DeviceChoice;
  /**
   * Batch sizes in which the candidate gets the images; 1 is always one of them. Default `[1, 2]`: alone, and where images
   * could be swapped.
   */
  readonly batches?: readonly number[];
  /** Bound on the NMSE, a ratio; the plan tells it to the checker. Default 0.01. */
  readonly maxNmse?: number;
  /** Also compare after the embeddings and after every layer, at batch 1. Default false. */
  readonly layers?: boolean;
  /** Runs of the candidate per image and batch that are compared with its first run alone. Default 0: none. */
  readonly stability?: number;
  /** Folder for `reference.safetensors` and `candidate.safetensors` with what was compared; made when it is not there. */
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
  /** One an image that could be compared, at batch 1, in the order of the images; of more than 32 those that differ most. */
  readonly images: readonly ImageDifference[];
}
