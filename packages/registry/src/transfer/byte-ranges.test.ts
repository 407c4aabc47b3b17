import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteRanges, type ByteSpan } from './byte-ranges.js';

const length = 40;
const span = fc
  .tuple(fc.integer({ min: 0, max: length }), fc.integer({ min: 0, max: length }))
  .map(([one, other]): ByteSpan => ({ start: Math.min(one, other), end: Math.max(one, other) }));

/** The positions of spans, one by one. */
function positionsOf(spans: readonly ByteSpan[]): Set<number> {
  return new Set(
    spans.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index)),
  );
}

it('holds just the positions that were added', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 12 }), fc.integer({ min: 0, max: length }), (spans, end) => {
      const ranges = new ByteRanges(spans);
      const positions = positionsOf(spans);
      expect(positionsOf(ranges.spans)).toEqual(positions);
      expect(ranges.total).toBe(positions.size);
      let frontier = 0;
      while (positions.has(frontier)) frontier++;
      expect(ranges.frontier).toBe(frontier);
      const absent = Array.from({ length: end }, (_, index) => index).filter((at) => !positions.has(at));
      expect(positionsOf(ranges.missing(end))).toEqual(new Set(absent));
      expect(positionsOf(ranges.below(end).spans)).toEqual(new Set([...positions].filter((at) => at < end)));
      expect(ranges.below(end).total).toBe([...positions].filter((at) => at < end).length);
    }),
  );
});

it('keeps its spans in order and apart', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 12 }), (spans) => {
      const kept = new ByteRanges(spans).spans;
      for (const [index, { start, end }] of kept.entries()) {
        expect(start).toBeLessThan(end);
        expect(start).toBeGreaterThan(kept[index - 1]?.end ?? -1);
      }
    }),
  );
});

it('has no end where the length is not known', () => {
  expect(new ByteRanges([{ start: 0, end: 5 }]).missing(Number.POSITIVE_INFINITY)).toEqual([
    { start: 5, end: Number.POSITIVE_INFINITY },
  ]);
});

it('gives its spans as they are now', () => {
  const ranges = new ByteRanges([{ start: 0, end: 5 }]);
  const { spans } = ranges;
  ranges.add({ start: 5, end: 9 });
  expect(spans).toEqual([{ start: 0, end: 5 }]);
});
