import type { AccuracyOptions, AccuracyResult } from './accuracy-options.js';
/** Placeholder. */
export function measureAccuracy(_options: AccuracyOptions): Promise<AccuracyResult> {
  throw new Error('not written yet');
}
