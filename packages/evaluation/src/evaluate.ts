import { type EvaluationRecord, judge, type Thresholds, type Verdict } from '@webssl/checker';
import type { AccuracyOptions, ImageDifference } from './accuracy/accuracy-options.js';
import { measureAccuracy } from './accuracy/measure-accuracy.js';
import { measurePerformance } from './performance/measure-performance.js';
import type { PerformanceOptions } from './performance/performance-options.js';
import { openResultsFolder } from './report/results-folder.js';
import { deviceLabel } from './run/device-choice.js';

export interface EvaluateOptions
  extends AccuracyOptions,
    Pick<PerformanceOptions, 'warmup' | 'minSeconds' | 'minIterations' | 'concurrency' | 'endToEnd'> {
  /** Folder for `log.txt`, `report.html`, `report.md` and `results.json`. */
  readonly out: string;
  /** Batch sizes that are checked and measured; 1 is always among them. Default `[1, 4]`. */
  readonly batches?: readonly number[];
  /** Default: the NMSE bound alone. */
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
 *
 * @throws WebsslError `EVALUATION_OUTPUT_UNWRITABLE`; what {@link measureAccuracy} and {@link measurePerformance} throw
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { out, thresholds = {}, command = '', onRecord, ...common } = options;
  const batches = [...new Set([1, ...(options.batches ?? [4])])].sort((a, b) => a - b);
  const devices =
    deviceLabel(options.reference) === deviceLabel(options.candidate)
      ? [options.reference]
      : [options.reference, options.candidate];
  const results = openResultsFolder(out);
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
    ({ images } = await measureAccuracy({ ...common, batches, onRecord: note }));
    await measurePerformance({ ...common, devices, batches, onRecord: note });
  } catch (error) {
    if (records.length > 0) await finish();
    throw error;
  }
  return finish();
}
