import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { type EvaluationRecord, formatRecord } from '@webssl/checker';
import { type ReportContent, reportFiles, writeReport } from './write-report.js';

/** Where the results of one evaluation go. */
export interface ResultsFolder {
  /** Adds a record to `log.txt`, at once: what was measured outlives a killed process. */
  append(record: EvaluationRecord): void;
  /** Writes the report. */
  finish(content: ReportContent): Promise<void>;
}

/**
 * Makes the folder and begins its log. A report of an earlier evaluation is removed: it would not belong to the new log.
 *
 * @throws WebsslError `EVALUATION_OUTPUT_UNWRITABLE`
 */
export function openResultsFolder(folder: string): ResultsFolder {
  const log = join(folder, 'log.txt');
  const writing = <T>(write: () => T): T => {
    try {
      return write();
    } catch (cause) {
      throw new WebsslError({
        code: 'EVALUATION_OUTPUT_UNWRITABLE',
        message: `The results cannot be written to ${folder}: ${(cause as Error).message}. Name a folder that can be written.`,
        cause,
      });
    }
  };
  writing(() => {
    mkdirSync(folder, { recursive: true });
    for (const file of reportFiles) rmSync(join(folder, file), { force: true });
    writeFileSync(log, '');
  });
  return {
    append: (record) => writing(() => appendFileSync(log, `${formatRecord(record)}\n`)),
    finish: (content) => writeReport(folder, content),
  };
}
