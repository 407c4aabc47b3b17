import { validateThresholds } from '../parse-thresholds.js';
import type { LogRecord } from '../records.js';
import type { Thresholds } from '../thresholds.js';
import type { JudgeOptions, RunKind, Verdict } from '../verdict.js';
import { judgeAccuracy } from './judge-accuracy.js';
import { judgeComparison } from './judge-comparison.js';
import { judgeLog } from './judge-log.js';
import { judgeMatch } from './judge-match.js';
import { judgePerformance } from './judge-performance.js';
import { judgeUnusedThresholds } from './judge-unused-thresholds.js';
import { collectRuns, onlyRun } from './runs.js';

/**
 * Decides whether a log shows what was asked of it: every expected run is there once and whole, every planned record is
 * there once, and every figure is finite and within its bound. Figures that sum up others are computed again.
 *
 * @returns every rule with its figure, bound and status; PASS when all of them pass
 * @throws WebsslError `CHECK_THRESHOLDS_INVALID`
 */
export function judge(
  records: readonly LogRecord[],
  thresholds: Thresholds = {},
  { expect = ['accuracy', 'performance'] }: JudgeOptions = {},
): Verdict {
  const bounds = validateThresholds(thresholds);
  const expected = [...new Set(expect)];
  const log = collectRuns(records);
  const only = <Kind extends RunKind>(kind: Kind) =>
    expected.includes(kind) ? onlyRun(log.runs, kind) : undefined;
  const accuracy = only('accuracy');
  const performance = only('performance');
  const comparison = only('comparison');
  const rules = [
    ...judgeLog(log, expected),
    ...(accuracy === undefined ? [] : judgeAccuracy(accuracy, bounds)),
    ...(performance === undefined ? [] : judgePerformance(performance, bounds)),
    ...(comparison === undefined ? [] : judgeComparison(comparison, bounds)),
    ...(accuracy === undefined || performance === undefined ? [] : judgeMatch(accuracy, performance, bounds)),
    ...judgeUnusedThresholds(bounds, expected),
  ];
  return { result: rules.every(({ status }) => status === 'PASS') ? 'PASS' : 'FAIL', rules };
}
