import type { LogRecord } from './records.js';
import type { Thresholds } from './thresholds.js';
import type { JudgeOptions, Verdict } from './verdict.js';
/** Placeholder until the judge stands. */
export function judge(
  _records: readonly LogRecord[],
  _thresholds: Thresholds = {},
  _options: JudgeOptions = {},
): Verdict {
  throw new Error('not written yet');
}
