import type {
  DamagedRecord,
  EvaluationRecord,
  LogRecord,
  RecordName,
  RecordOf,
  RunKind,
} from '@webssl/checker';
import { groupBy } from './group-by.js';

/** The records of one run, in their order. A run that was cut off lacks some. */
export interface ReportRun {
  readonly id: string;
  /** `unknown` where neither a plan nor a figure tells. */
  readonly kind: RunKind | 'unknown';
  readonly records: readonly EvaluationRecord[];
}

/** The runs of a log, in the order in which they begin. */
export function collectRuns(records: readonly LogRecord[]): ReportRun[] {
  const undamaged = records.filter((record): record is EvaluationRecord => record.record !== 'log.damaged');
  const runs = groupBy(undamaged, ({ run }) => run);
  return [...runs].map(([id, ofRun]) => ({ id, kind: kindOf(ofRun), records: ofRun }));
}

/** The records of one name, of one run or of several. */
export function recordsOf<Name extends RecordName>(
  runs: ReportRun | readonly ReportRun[],
  name: Name,
): RecordOf<Name>[] {
  const isNamed = (record: EvaluationRecord): record is RecordOf<Name> => record.record === name;
  return [runs].flat().flatMap((run: ReportRun) => run.records.filter(isNamed));
}

export function planOf<Kind extends RunKind>(
  run: ReportRun,
  kind: Kind,
): Extract<RecordOf<'run.plan'>, { readonly kind: Kind }> | undefined {
  const isOfKind = (
    plan: RecordOf<'run.plan'>,
  ): plan is Extract<RecordOf<'run.plan'>, { readonly kind: Kind }> => plan.kind === kind;
  return recordsOf(run, 'run.plan').find(isOfKind);
}

export function damagedRecords(records: readonly LogRecord[]): DamagedRecord[] {
  return records.filter((record): record is DamagedRecord => record.record === 'log.damaged');
}

function kindOf(records: readonly EvaluationRecord[]): ReportRun['kind'] {
  for (const record of records) {
    if (record.record === 'run.plan') return record.kind;
    if (record.record === 'accuracy.tensor') return 'comparison';
    if (record.record.startsWith('accuracy.')) return 'accuracy';
    if (record.record.startsWith('performance.')) return 'performance';
  }
  return 'unknown';
}
