import { recordSchemaVersion } from './record-fields.js';
import {
  type DamagedRecord,
  type EvaluationRecord,
  type LogRecord,
  type RecordName,
  recordSchemas,
} from './records.js';
import { excerpt, few } from './words.js';

/** What stands in a line, before it is known to be right. */
type Fields = Readonly<Record<string, unknown>>;

export function isRecordName(name: unknown): name is RecordName {
  return typeof name === 'string' && Object.hasOwn(recordSchemas, name);
}

/** The record that fields make up, or what is wrong with them. Keys that the schema does not know are dropped. */
export function readRecord(name: RecordName, fields: Fields, line: number): LogRecord {
  const { success, data, error } = recordSchemas[name].safeParse(fields);
  if (success) return { record: name, ...data } as EvaluationRecord;
  const schema = name === 'run.plan' ? otherSchema(fields['schema']) : undefined;
  if (schema !== undefined) {
    const message = `written with schema ${schema}, this checker reads ${recordSchemaVersion}`;
    return { ...damaged(line, name, message), schema };
  }
  return damaged(line, name, few(error.issues.map((issue) => problemOf(issue, fields))));
}

export function damaged(line: number, name: RecordName, problem: string): DamagedRecord {
  return { record: 'log.damaged', line, message: `${name}: ${problem}` };
}

function otherSchema(written: unknown): number | undefined {
  const version = typeof written === 'string' && /^\d{1,9}$/.test(written) ? Number(written) : written;
  return Number.isSafeInteger(version) && version !== recordSchemaVersion ? (version as number) : undefined;
}

function problemOf(issue: { path: PropertyKey[]; message: string }, fields: Fields): string {
  const key = String(issue.path[0]);
  if (!Object.hasOwn(fields, key)) return `${key} is missing`;
  const value = fields[key];
  const written =
    typeof value === 'object' && value !== null ? 'a list or an object' : excerpt(JSON.stringify(value), 60);
  return `${key} is ${written} (${issue.message})`;
}
