import type { EvaluationRecord } from './records.js';

/** A record as one line of logfmt: its name, then `key=value`. */
export function formatRecord({ record, ...fields }: EvaluationRecord): string {
  const pairs = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${formatValue(value)}`],
  );
  return [record, ...pairs].join(' ');
}

/** A record as one line of JSON; numbers that JSON does not know are the strings NaN, Infinity and -Infinity. */
export function formatJsonLine(record: EvaluationRecord): string {
  return JSON.stringify(record, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}

function formatValue(value: string | number | boolean | readonly (string | number)[]): string {
  const text = Array.isArray(value)
    ? value.join(value.every((entry) => typeof entry === 'number') ? ',' : ' ')
    : String(value);
  return /^[^\s"=\\\p{Cc}]+$/u.test(text) ? text : JSON.stringify(text);
}
