import type { LogRecord, Verdict } from '@webssl/checker';
import type { ImageDifference } from '../accuracy/accuracy-options.js';

/** What a report is made of. */
export interface ReportContent {
  readonly records: readonly LogRecord[];
  readonly verdict: Verdict;
  readonly images: readonly ImageDifference[];
  /** The command that made it. */
  readonly command: string;
}
