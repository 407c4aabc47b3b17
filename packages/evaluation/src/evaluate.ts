import { WebsslError } from '@webssl/backend';
import {
  type EvaluationRecord,
  judge,
  type Thresholds,
  type Verdict,
  validateThresholds,
} from '@webssl/checker';
import type { AccuracyOptions, ImageDifference } from './accuracy/accuracy-options.js';
import { measureAccuracy } from './accuracy/measure-accuracy.js';
import { measurePerformance } from './performance/measure-performance.js';
import type { PerformanceOptions } from './performance/performance-options.js';
import { openResultsFolder } from './report/results-folder.js';
import { isSameDevice } from './run/device-choice.js';

export interface EvaluateOptions
  extends Omit<AccuracyOptions, 'maxNmse' | 'maxLayerNmse'>,
    Pick<PerformanceOptions, 'warmup' | 'minSeconds' | 'minIterations' | 'concurrency' | 'endToEnd'> {
  /** Folder for `log.txt`, `report.html`, `report.md` and `results.json`; those of an earlier evaluation are replaced. */
  readonly out: string;
  /** Batch sizes that are checked and measured; 1 is always among them. Default `[1, 4]`. */
  readonly batches?: readonly number[];
  /** Default: an NMSE of at most 0.01, and nothing else. */
  readonly thresholds?: Thresholds;
  /** How the report says that it was made. */
  readonly command?: string;
}

export interface Evaluation {
  readonly verdict: Verdict;
  readonly records: readonly EvaluationRecord[];
}

/**
 * Accuracy, performance, verdict and report of a candidate against a reference. The log is written while the runs go on,
 * and the report also when one of them ends early, by an error or the signal: its verdict is then FAIL, and the error follows.
 * Nothing in the folder is touched before something was measured.
 *
 * @throws WebsslError `CHECK_THRESHOLDS_INVALID`, `EVALUATION_OUTPUT_UNWRITABLE`; what {@link measureAccuracy} and
 *   {@link measurePerformance} throw
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { out, command = '', onRecord, ...common } = options;
  const thresholds = validateThresholds(options.thresholds ?? {});
  const { maxNmse, maxLayerNmse } = thresholds;
  const bounds = {
    ...(maxNmse === undefined ? {} : { maxNmse }),
    ...(maxLayerNmse === undefined ? {} : { maxLayerNmse }),
  };
  const batches = [...new Set([1, ...(options.batches ?? [4])])].sort((a, b) => a - b);
  const isItself = isSameDevice(options.reference, options.candidate);
  const devices = isItself ? [options.reference] : [options.reference, options.candidate];
  const results = await openResultsFolder(out);
  const records: EvaluationRecord[] = [];
  let images: readonly ImageDifference[] = [];
  const note = (record: EvaluationRecord) => {
    records.push(record);
    results.append(record);
    onRecord?.(record);
  };
  const finish = async (): Promise<Evaluation> => {
    const verdict = judge(records, thresholds);
    await results.finish({ records, verdict, images, command });
    return { verdict, records };
  };
  try {
    ({ images } = await measureAccuracy({ ...common, ...bounds, batches, onRecord: note }));
    await measurePerformance({ ...common, devices, batches, onRecord: note });
  } catch (error) {
    if (results.isBegun) await finish().catch((second: unknown) => throwBoth(error, second));
    else results.leave();
    throw error;
  }
  return finish();
}

/** Neither why the runs ended nor why there is no report may be lost. */
function throwBoth(error: unknown, second: unknown): never {
  const [first, then] = [error, second].map((one) => (one instanceof Error ? one.message : String(one)));
  throw new WebsslError({
    code: 'EVALUATION_REPORT_FAILED',
    message: `The evaluation ended early (${first}), and its report could not be written (${then}).`,
    cause: error,
  });
}
