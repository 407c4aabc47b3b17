import { escapeInvisible } from './invisible-characters.js';
import { joinList } from './list-text.js';
import type { EvaluationRecord } from './records.js';

/**
 * A record as one line of logfmt: its name, then `key=value`. Values with white space, quotes, `=`, backslashes or
 * characters that do not show are JSON strings. {@link parseLog} reads every record back as it was, but for the sign of zero.
 * `status` stands last, so that the end of a run that is cut off anywhere is none.
 */
export function formatRecord({ record, ...fields }: EvaluationRecord): string {
  const statusLast = Object.entries(fields).sort(
    ([left], [right]) => Number(left === 'status') - Number(right === 'status'),
  );
  const pairs = statusLast.flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${formatValue(value)}`],
  );
  return [record, ...pairs].join(' ');
}

/** A record as one line of JSON; numbers that JSON does not know are the strings NaN, Infinity and -Infinity. */
export function formatJsonLine(record: EvaluationRecord): string {
  const json = JSON.stringify(record, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
  return escapeInvisible(json);
}

function formatValue(value: string | number | boolean | readonly (string | number)[]): string {
  const text = typeof value === 'object' ? joinList(value) : String(value);
  return /^[^\s"=\\\p{Cc}\p{Cf}\p{Cs}]+$/u.test(text) ? text : escapeInvisible(JSON.stringify(text));
}
