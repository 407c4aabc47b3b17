import type { EvaluationRecord } from '../records.js';

/** Records as a log, written apart from the code under test; for values of {@link wholeLog} and the like. */
export function logText(records: readonly EvaluationRecord[]): string {
  return records.map((record) => `${logLine(record)}\n`).join('');
}

function logLine({ record, ...fields }: EvaluationRecord): string {
  const pairs = Object.entries(fields).map(([key, value]) => {
    if (Array.isArray(value)) {
      const isNumbers = value.every((part) => typeof part === 'number');
      return isNumbers ? `${key}=${value.join(',')}` : `${key}="${value.join(' ')}"`;
    }
    return `${key}=${/[ ="]/.test(String(value)) ? `"${String(value).replaceAll('"', '\\"')}"` : value}`;
  });
  return [record, ...pairs].join(' ');
}
