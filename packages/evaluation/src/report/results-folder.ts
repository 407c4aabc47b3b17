import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type EvaluationRecord, formatRecord, isMeasurement } from '@webssl/checker';
import { makeOutputFolder, outputUnwritable } from '../run/output-folder.js';
import { type ReportContent, reportFiles, writeReport } from './write-report.js';

/** Where the results of one evaluation go. */
export interface ResultsFolder {
  /** Whether something was measured: what an earlier evaluation left is replaced then. */
  readonly isBegun: boolean;
  /**
   * Adds a record to `log.txt`: what was measured outlives a killed process. The first figure begins the log anew; records before it
   * are kept back until then.
   */
  append(record: EvaluationRecord): void;
  /** Writes the report. */
  finish(content: ReportContent): Promise<void>;
  /** Leaves the folder as it was found, where nothing was measured. */
  leave(): void;
}

/**
 * Makes the folder where it is not there. What an earlier evaluation left in it stays until the first figure is measured; then it is
 * replaced, the report too, which would not belong to the new log.
 *
 * @throws WebsslError `EVALUATION_OUTPUT_UNWRITABLE`, also for a `log.txt` that is no log of an evaluation
 */
export async function openResultsFolder(folder: string): Promise<ResultsFolder> {
  const log = join(folder, 'log.txt');
  const found = { folder: existsSync(folder), log: existsSync(log) };
  let isBegun = false;
  const before: EvaluationRecord[] = [];
  const write = (record: EvaluationRecord) => appendFileSync(log, `${formatRecord(record)}\n`);
  const begin = () => {
    if (isBegun) return;
    for (const file of reportFiles) rmSync(join(folder, file), { force: true });
    writeFileSync(log, '');
    isBegun = true;
    before.splice(0).forEach(write);
  };
  await makeOutputFolder(folder);
  writing(folder, () => {
    appendFileSync(log, '');
    if (!/^(run\.plan |$)/.test(readFileSync(log, 'utf8').slice(0, 9))) {
      throw new Error('its log.txt is no log of an evaluation and would be lost');
    }
  });
  return {
    get isBegun() {
      return isBegun;
    },
    append(record) {
      if (!isBegun && !isMeasurement(record)) {
        before.push(record);
        return;
      }
      writing(folder, () => {
        begin();
        write(record);
      });
    },
    async finish(content) {
      writing(folder, begin);
      await writeReport(folder, content);
    },
    leave() {
      if (isBegun || found.log) return;
      try {
        rmSync(log, { force: true });
        // Another program may have put something there meanwhile.
        if (!found.folder && readdirSync(folder).length === 0) rmdirSync(folder);
      } catch {
        // An empty file more or less is not worth hiding why the evaluation ended.
      }
    },
  };
}

function writing(folder: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw outputUnwritable(folder, cause as Error);
  }
}
