import { z } from 'zod';
import { ByteRanges, type ByteSpan } from './byte-ranges.js';

/**
 * The journal of a partial file says which of its bytes are there. It is text, one JSON value a line, only ever appended to:
 *
 * - first `{"format":1,"digest":…,"bytes":…,"boot":…}`: which file this is, its length (null: not known), and during which
 *   run of the operating system the journal was begun;
 * - `{"start":…,"end":…}` after these bytes were handed to the operating system: they outlive the process;
 * - `{"synced":[[start,end],…]}` after all of these reached the disk: they outlive a power cut.
 *
 * Each line stands for itself, so one that is torn or unreadable is passed over and spoils no other.
 */
export interface Journal {
  readonly digest: string;
  readonly bytes: number | undefined;
  readonly boot: string;
  /** All bytes that were written, those of `synced` included. */
  readonly written: ByteRanges;
  /** Bytes that were on the disk for certain. */
  readonly synced: ByteRanges;
}

const position = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const headerLine = z.object({
  format: z.literal(1),
  digest: z.string(),
  bytes: position.nullable(),
  boot: z.string(),
});
const recordLine = z.object({ start: position, end: position });
const syncedLine = z.object({ synced: z.array(z.tuple([position, position])) });
const entryLine = z.union([recordLine, syncedLine]);

/** What a journal says; undefined where its first line is not that of a journal. */
export function parseJournal(text: string): Journal | undefined {
  const [first = '', ...lines] = text.split('\n');
  const header = headerLine.safeParse(parsed(first));
  if (!header.success) return undefined;
  const { digest, bytes, boot } = header.data;
  const written = new ByteRanges();
  const synced = new ByteRanges();
  for (const line of lines) {
    const entry = entryLine.safeParse(parsed(line));
    if (!entry.success) continue;
    if ('start' in entry.data) {
      written.add(entry.data);
      continue;
    }
    for (const [start, end] of entry.data.synced) {
      written.add({ start, end });
      synced.add({ start, end });
    }
  }
  return { digest, bytes: bytes ?? undefined, boot, written, synced };
}

/** A journal that says no more than `journal`, in as few lines as it takes. */
export function formatJournal({ digest, bytes, boot, written, synced }: Journal): string {
  const header = JSON.stringify({ format: 1, digest, bytes: bytes ?? null, boot });
  return `${header}\n${formatSynced(synced.spans)}${written.spans.map(formatWritten).join('')}`;
}

export function formatWritten({ start, end }: ByteSpan): string {
  return `${JSON.stringify({ start, end })}\n`;
}

export function formatSynced(spans: readonly ByteSpan[]): string {
  return `${JSON.stringify({ synced: spans.map(({ start, end }) => [start, end]) })}\n`;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
