import type { ByteSpan } from './byte-ranges.js';
import type { ByteStream } from './byte-source.js';
import { WriteBehind } from './write-behind.js';

/** What to do with the body of an answer. */
interface Pouring {
  readonly stream: ByteStream;
  /** The spans that are still to be written, in ascending order; what the body has besides is passed over. */
  readonly wanted: readonly ByteSpan[];
  /** Where the body ends by itself, where that is known: then its connection can serve another request. */
  readonly bodyEnd: number | undefined;
  readonly write: (chunks: readonly Uint8Array[], start: number) => Promise<void>;
}

/**
 * Writes the wanted bytes of a body. What came before a body failed is written all the same. Returns the position after
 * the last byte that was read.
 * @throws what the body and `write` throw.
 */
export async function pourBody({ stream, wanted, bodyEnd, write }: Pouring): Promise<number> {
  const behind = new WriteBehind(write);
  const wantedEnd = wanted.at(-1)?.end ?? 0;
  let position = stream.start;
  let next = 0;
  try {
    for await (const chunk of stream.body) {
      const chunkStart = position;
      position += chunk.length;
      for (; next < wanted.length; next++) {
        const span = wanted[next];
        if (span === undefined || span.start >= position) break;
        const start = Math.max(span.start, chunkStart);
        const end = Math.min(span.end, position);
        if (start < end) {
          const waiting = behind.add(chunk.subarray(start - chunkStart, end - chunkStart), start);
          if (waiting !== undefined) await waiting;
        }
        if (span.end > position) break;
      }
      if (position >= wantedEnd && position !== bodyEnd) break;
    }
  } finally {
    await behind.drain();
  }
  return position;
}
