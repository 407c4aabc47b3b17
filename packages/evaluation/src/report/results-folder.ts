import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EvaluationRecord, formatRecord } from '@webssl/checker';
import { makeOutputFolder, outputUnwritable } from '../run/output-folder.js';
import { type ReportContent, reportFiles, writeReport } from './write-report.js';

/** Where the results of one evaluation go. */
export interface ResultsFolder {
  /** Adds a record to `log.txt`, at once: what was measured outlives a killed process. The first one begins the log anew. */
  append(record: EvaluationRecord): void;
  /** Writes the report. */
  finish(content: ReportContent): Promise<void>;
}

/**
 * Makes the folder where it is not there. What an earlier evaluation left in it stays until the first record comes; then it is
 * replaced, the report too, which would not belong to the new log.
 *
 * @throws WebsslError `EVALUATION_OUTPUT_UNWRITABLE`, also for a `log.txt` that is no log of an evaluation
 */
export async function openResultsFolder(folder: string): Promise<ResultsFolder> {
  const log = join(folder, 'log.txt');
  let begun = false;
  await makeOutputFolder(folder);
  writing(folder, () => {
    appendFileSync(log, '');
    if (!/^(run\.plan |$)/.test(readFileSync(log, 'utf8').slice(0, 9))) {
      throw new Error('its log.txt is no log of an evaluation and would be lost');
    }
  });
  return {
    append(record) {
      writing(folder, () => {
        if (!begun) {
          for (const file of reportFiles) rmSync(join(folder, file), { force: true });
          writeFileSync(log, '');
          begun = true;
        }
        appendFileSync(log, `${formatRecord(record)}\n`);
      });
    },
    finish: (content) => writeReport(folder, content),
  };
}

function writing(folder: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw outputUnwritable(folder, cause as Error);
  }
}
