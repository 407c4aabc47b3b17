import { planOf, type ReportRun, recordsOf } from './collect-runs.js';

/** What was evaluated, as far as the plans tell; a report of a broken log has less. */
export interface Subject {
  readonly model?: string;
  readonly candidates: readonly string[];
  readonly reference?: string;
  /** The figures are of random weights. */
  readonly synthetic: boolean;
}

export function subjectOf(runs: readonly ReportRun[]): Subject {
  const plans = recordsOf(runs, 'run.plan');
  const models = plans.flatMap((plan) => (plan.kind === 'comparison' ? [] : [plan]));
  const compared = plans.find((plan) => plan.kind !== 'performance');
  const measured = plans.find((plan) => plan.kind === 'performance');
  const [model] = models;
  const reference = compared?.reference ?? measured?.devices[0];
  return {
    ...(model === undefined ? {} : { model: model.model }),
    ...(reference === undefined ? {} : { reference }),
    candidates: compared === undefined ? (measured?.devices.slice(1) ?? []) : [compared.candidate],
    synthetic: models.some(({ synthetic }) => synthetic),
  };
}

/** `facebook/webssl: npu against cpu` */
export function subjectLine({ model, candidates, reference }: Subject): string {
  const devices = [
    ...(candidates.length > 0 ? [candidates.join(', ')] : []),
    ...(reference === undefined ? [] : [reference]),
  ].join(' against ');
  return (
    [model, devices].filter((part) => part !== undefined && part !== '').join(': ') ||
    'unknown model and devices'
  );
}

/** What every report of random weights says. */
export const syntheticWarning =
  'Synthetic weights: random numbers of the true architecture. The figures compare devices; the features mean nothing.';

/** Devices of a performance run that are compared with its first one. */
export function candidatesOf(run: ReportRun): readonly string[] {
  return planOf(run, 'performance')?.devices.slice(1) ?? [];
}
