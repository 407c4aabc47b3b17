import { type EvaluationRecord, formatJsonLine, formatRecord } from '@webssl/checker';
import type { Terminal } from '@webssl/command-line';
import { recordTables } from './record-tables.js';

/** Where the records of a run are printed. */
export interface RecordOutput {
  readonly record: (record: EvaluationRecord) => void;
  /** Prints what is only known at the end, however that came: the tables. */
  finish(): void;
}

/** A log on stdout: tables for a person at a terminal, else one record a line as it comes, in logfmt or JSON. */
export function createRecordOutput(terminal: Terminal, json: boolean): RecordOutput {
  if (json || !terminal.isInteractive) {
    const format = json ? formatJsonLine : formatRecord;
    return { record: (record) => terminal.result(format(record)), finish: () => undefined };
  }
  const records: EvaluationRecord[] = [];
  return {
    record: (record) => records.push(record),
    finish() {
      for (const table of recordTables(records)) terminal.result(`${table}\n`);
    },
  };
}
