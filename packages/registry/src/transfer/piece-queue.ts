import { ByteRanges, type ByteSpan } from './byte-ranges.js';

/** Hands out what is missing of a file, lowest positions first, each position to one connection at a time. */
export class PieceQueue {
  /** The file's length; undefined as long as nobody has told. */
  totalBytes: number | undefined;
  readonly #written: ByteRanges;
  readonly #taken = new Set<ByteSpan>();

  constructor(written: ByteRanges, totalBytes: number | undefined) {
    this.#written = written;
    this.totalBytes = totalBytes;
  }

  /** Everything that is not written. */
  missing(): readonly ByteSpan[] {
    return this.#written.missing(this.totalBytes ?? Number.POSITIVE_INFINITY);
  }

  /** The first stretch that nobody has and nobody fetches, at most `longest` bytes of it. */
  take(longest: number): ByteSpan | undefined {
    const occupied = new ByteRanges([...this.#written.spans, ...this.#taken]);
    const [gap] = occupied.missing(this.totalBytes ?? Number.POSITIVE_INFINITY);
    if (gap === undefined) return undefined;
    const piece = { start: gap.start, end: Math.min(gap.end, gap.start + longest) };
    this.#taken.add(piece);
    return piece;
  }

  /** Ends the work on a piece. What is not written of it is handed out again. */
  giveBack(piece: ByteSpan): void {
    this.#taken.delete(piece);
  }
}
