import { join } from 'node:path';
import { makeOutputFolder } from '../run/output-folder.js';
import { renderMarkdownReport } from './markdown/markdown-report.js';
import type { ReportContent } from './report-content.js';
import { formatResults } from './results-file.js';
import { writePieces } from './write-pieces.js';

export type { ReportContent } from './report-content.js';

/** What {@link writeReport} writes. */
export const reportFiles = ['report.html', 'report.md', 'results.json'] as const;

/**
 * Writes `report.html` (one file that needs nothing else, for people), `report.md` (tables for a pull request) and
 * `results.json` (for programs; `resultsSchema` says what is in it). Makes the folder. Nothing is measured or judged here:
 * every figure is a record's, and what the records lack is said to be missing. `results.json` has all of the content; of long
 * lists the other two show the worst rows, or the first ones, and say how many they leave out.
 *
 * @throws WebsslError `EVALUATION_OUTPUT_UNWRITABLE` where the folder cannot be made, `OUTPUT_WRITE_FAILED`
 */
export async function writeReport(folder: string, content: ReportContent): Promise<void> {
  // The charts' library takes time to load; whoever only measures does without it.
  const { renderHtmlReport } = await import('./html-report.js');
  const files: Record<(typeof reportFiles)[number], Iterable<string>> = {
    'report.html': [await renderHtmlReport(content)],
    'report.md': [renderMarkdownReport(content)],
    'results.json': formatResults(content),
  };
  await makeOutputFolder(folder);
  for (const name of reportFiles) await writePieces(join(folder, name), files[name]);
}
