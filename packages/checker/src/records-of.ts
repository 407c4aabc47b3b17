import type { EvaluationRecord, RecordName, RecordOf } from './records.js';

/** The records of one name. */
export function recordsOf<Name extends RecordName>(
  records: readonly EvaluationRecord[],
  name: Name,
): RecordOf<Name>[] {
  return records.filter((record): record is RecordOf<Name> => record.record === name);
}
