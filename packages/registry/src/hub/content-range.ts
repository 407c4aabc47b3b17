import { parseWholeNumber } from './answer-headers.js';

/** What a `Content-Range` header tells (RFC 9110, 14.4). */
export interface ContentRange {
  /** Place of the first byte; undefined in an answer to a range that cannot be served. */
  readonly start: number | undefined;
  /** Length of the whole file; undefined for `*`. */
  readonly totalBytes: number | undefined;
}

/** Undefined for what is not a range of bytes, or contradicts itself. */
export function parseContentRange(text: string | undefined): ContentRange | undefined {
  const match = /^bytes\s+(?:(\d+)-(\d+)|\*)\/(\d+|\*)$/i.exec(text?.trim() ?? '');
  if (match === null) return undefined;
  const [, startText, lastText, totalText] = match;
  const totalBytes = parseWholeNumber(totalText);
  if (totalText !== '*' && totalBytes === undefined) return undefined;
  if (startText === undefined) return totalBytes === undefined ? undefined : { start: undefined, totalBytes };
  const start = parseWholeNumber(startText);
  const last = parseWholeNumber(lastText);
  if (start === undefined || last === undefined || last < start) return undefined;
  if (totalBytes !== undefined && last >= totalBytes) return undefined;
  return { start, totalBytes };
}
