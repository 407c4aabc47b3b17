import { logLines } from './log-lines.js';
import { readPairs } from './logfmt-pairs.js';
import { damaged, isRecordName, readRecord } from './read-record.js';
import type { LogRecord } from './records.js';

/** No record is longer; such a line is not looked into. */
const maximumLength = 1_048_576;
const tooLong = `the line is longer than ${maximumLength} characters`;

/**
 * The records of a log, in its order. A line is a record when its first word is the name of one, or when it is a JSON object
 * whose `record` is; whatever else stands in the log is passed over. A record that is cut off or has values that do not fit
 * becomes `log.damaged`. Never throws; takes time in proportion to the text.
 */
export function parseLog(text: string): LogRecord[] {
  const records: LogRecord[] = [];
  for (const line of logLines(text)) {
    // Byte order marks count as white space; they stand inside a log that was put together from files.
    const content = line.text.trim();
    const record = content.startsWith('{')
      ? parseJson(content, line.number)
      : parseLogfmt(content, line.number);
    if (record !== undefined) records.push(record);
  }
  return records;
}

function parseLogfmt(line: string, number: number): LogRecord | undefined {
  const name = /^[a-z_.]+(?=\s|$)/.exec(line)?.[0];
  if (!isRecordName(name)) return undefined;
  if (line.length > maximumLength) return damaged(number, name, tooLong);
  const pairs = readPairs(line, name.length);
  return 'problem' in pairs
    ? damaged(number, name, pairs.problem)
    : readRecord(name, Object.fromEntries(pairs), number);
}

function parseJson(line: string, number: number): LogRecord | undefined {
  // As formatJsonLine writes it: what begins so was meant to be a record, whatever became of the rest.
  const meant = /^\{"record":"([a-z_.]+)"/.exec(line)?.[1];
  if (line.length > maximumLength) return isRecordName(meant) ? damaged(number, meant, tooLong) : undefined;
  let record: unknown;
  let fields: Record<string, unknown>;
  try {
    ({ record, ...fields } = JSON.parse(line));
  } catch {
    return isRecordName(meant) ? damaged(number, meant, 'not a whole JSON object') : undefined;
  }
  return isRecordName(record) ? readRecord(record, fields, number) : undefined;
}
