/** Bytes from `start` up to, but without, `end`. `end` may be infinite where a file's length is not known. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/** A set of byte positions, kept as spans in ascending order that neither overlap nor touch. */
export class ByteRanges {
  #spans: ByteSpan[] = [];
  #total = 0;

  constructor(spans: Iterable<ByteSpan> = []) {
    for (const span of spans) this.add(span);
  }

  /** The spans at this moment; later changes do not show in it. */
  get spans(): readonly ByteSpan[] {
    return this.#spans;
  }

  /** How many positions the set has. */
  get total(): number {
    return this.#total;
  }

  /** The end of the span that begins at 0; 0 where there is none. */
  get frontier(): number {
    const first = this.#spans[0];
    return first?.start === 0 ? first.end : 0;
  }

  /** Adds the positions of a span; those that are there already count once. */
  add(span: ByteSpan): void {
    if (span.start >= span.end) return;
    const before = this.#spans.filter(({ end }) => end < span.start);
    const after = this.#spans.filter(({ start }) => start > span.end);
    const touching = this.#spans.slice(before.length, this.#spans.length - after.length);
    const merged = {
      start: Math.min(span.start, touching[0]?.start ?? span.start),
      end: Math.max(span.end, touching.at(-1)?.end ?? span.end),
    };
    this.#spans = [...before, merged, ...after];
    this.#total += merged.end - merged.start - touching.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** The spans of [0, `end`) that are not in the set, in ascending order. */
  missing(end: number): readonly ByteSpan[] {
    const gaps: ByteSpan[] = [];
    let position = 0;
    for (const span of this.#spans) {
      if (span.start >= end) break;
      if (span.start > position) gaps.push({ start: position, end: span.start });
      position = span.end;
    }
    if (position < end) gaps.push({ start: position, end });
    return gaps;
  }

  /** The part of the set below `end`. */
  below(end: number): ByteRanges {
    return new ByteRanges(this.#spans.map((span) => ({ start: span.start, end: Math.min(span.end, end) })));
  }
}
