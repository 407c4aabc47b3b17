import type { EvaluationRecord } from '@webssl/checker';
import type { DeviceChoice } from '../run/device-choice.js';
import type { EvaluationOptions } from '../run/evaluation-options.js';

export interface PerformanceOptions extends EvaluationOptions {
  /** Measured one after the other, none beside another. The first one is the reference of the speed-up. */
  readonly devices: readonly DeviceChoice[];
  /** Images in one run, measured from the smallest to the largest. Default `[1, 4]`. */
  readonly batches?: readonly number[];
  /**
   * Runs of each batch size that are not counted, before the measurement: where it is not 0, at least as many as are in flight
   * at once. Default 1.
   */
  readonly warmup?: number;
  /** A measurement lasts at least this long. Default 3. */
  readonly minSeconds?: number;
  /** A measurement has at least this many runs. Default 5. */
  readonly minIterations?: number;
  /**
   * Runs in flight at once. With more than 1 the time of a run includes its waiting for those before it. Does not apply to end
   * to end, where the encoder keeps the device busy as it finds right. Default 1.
   */
  readonly concurrency?: number;
  /** Also measure from file to feature, preprocessing beside the device. Default false. */
  readonly endToEnd?: boolean;
}

export interface PerformanceResult {
  readonly records: readonly EvaluationRecord[];
}
