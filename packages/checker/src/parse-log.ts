import type { LogRecord } from './records.js';
/** Placeholder until the parser stands. */
export function parseLog(_text: string): LogRecord[] {
  throw new Error('not written yet');
}
