import type { DamagedRecord, EvaluationRecord, LogRecord, RecordOf } from '../records.js';
import { recordsOf } from '../records-of.js';
import type { RunKind } from '../verdict.js';
import { groupBy } from './group-by.js';

export type PlanOf<Kind extends RunKind> = Extract<RecordOf<'run.plan'>, { readonly kind: Kind }>;

/** A plan and all records of its run, in the order of the log. */
export type Run<Kind extends RunKind = RunKind> = {
  [One in Kind]: { readonly plan: PlanOf<One>; readonly records: readonly EvaluationRecord[] };
}[Kind];

/** A log, taken apart. */
export interface LogRuns {
  readonly damaged: readonly DamagedRecord[];
  /** One a plan. */
  readonly runs: readonly Run[];
  /** Records whose run has no plan. */
  readonly strays: readonly EvaluationRecord[];
}

export function collectRuns(log: readonly LogRecord[]): LogRuns {
  const whole = log.filter((record) => record.record !== 'log.damaged');
  const groups = [...groupBy(whole, ({ run }) => run).values()].map((records) => ({
    records,
    plans: recordsOf(records, 'run.plan'),
  }));
  return {
    damaged: log.filter((record) => record.record === 'log.damaged'),
    runs: groups.flatMap(({ records, plans }) => plans.map((plan) => ({ plan, records }) as Run)),
    strays: groups.flatMap(({ records, plans }) => (plans.length === 0 ? records : [])),
  };
}

/** The run of a kind, where there is exactly one. */
export function onlyRun<Kind extends RunKind>(runs: readonly Run[], kind: Kind): Run<Kind> | undefined {
  const [run, ...others] = runs.filter(({ plan }) => plan.kind === kind);
  return others.length === 0 ? (run as Run<Kind> | undefined) : undefined;
}
