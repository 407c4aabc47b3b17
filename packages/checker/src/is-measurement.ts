import type { EvaluationRecord } from './records.js';

/** Whether a record has something measured, and is no plan, machine, device, error or end of its run. */
export function isMeasurement({ record }: EvaluationRecord): boolean {
  return !record.startsWith('run.');
}
