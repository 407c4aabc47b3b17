/** Durations in milliseconds by name, of a `Server-Timing` header (W3C Server Timing). */
export function readServerTiming(header: string | null): ReadonlyMap<string, number> {
  const durations = new Map<string, number>();
  for (const entry of (header ?? '').split(',')) {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const duration = parameters.find((parameter) => parameter.toLowerCase().startsWith('dur='));
    const milliseconds = Number.parseFloat(duration?.slice('dur='.length).replace(/^"/, '') ?? '');
    if (name !== '' && Number.isFinite(milliseconds)) durations.set(name, milliseconds);
  }
  return durations;
}

/** Milliseconds to wait that a `Retry-After` header asks for, in seconds or as a date; a second where there is none. */
export function readRetryAfter(header: string | null, now: number): number {
  if (header === null || header.trim() === '') return 1000;
  const seconds = Number(header);
  const milliseconds = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : 1000;
}
