/** The bytes of a file that a request wants: the first and the one after the last. */
export interface RequestedRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a `Range` header (RFC 9110, section 14): `bytes=a-b`, `bytes=a-` or `bytes=-n`. Undefined means the whole file:
 * no header, another unit, several ranges at once (a server may ignore these), or nonsense.
 */
export function parseRange(
  header: string | undefined,
  bytes: number,
): RequestedRange | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first === '') return within(Math.max(0, bytes - Number(last)), bytes);
  if (last !== '' && Number(last) < Number(first)) return undefined;
  return within(Number(first), last === '' ? bytes : Math.min(bytes, Number(last) + 1));
}

function within(start: number, end: number): RequestedRange | 'unsatisfiable' {
  return start < end ? { start, end } : 'unsatisfiable';
}
