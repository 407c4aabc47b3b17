import type { Fault } from './fault.js';
import type { MirrorQuirks } from './options.js';

/** The quirks of a mirror that are faults of every answer; the others are the hub host's. */
export function standingFaults(
  {
    ignoreRanges = false,
    refuseRanges = false,
    gzip = false,
    withoutLength = false,
    withoutHeaders = [],
  }: MirrorQuirks,
  host: 'hub' | 'cdn',
): Fault[] {
  const faults: Fault[] = [];
  if (ignoreRanges) faults.push({ kind: 'ignoreRange' });
  if (refuseRanges) faults.push({ kind: 'refuseRange' });
  if (gzip && host === 'hub') faults.push({ kind: 'gzip' });
  if (withoutLength) faults.push({ kind: 'chunked' });
  if (withoutHeaders.length > 0) faults.push({ kind: 'withoutHeaders', names: withoutHeaders });
  return faults;
}
