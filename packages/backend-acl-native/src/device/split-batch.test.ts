import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitBatch } from './split-batch.js';

const usual = [1, 4, 8, 16];
/** Up to 5 different batch sizes, ascending. */
const batchSizeLists = fc
  .uniqueArray(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 })
  .map((sizes) => sizes.sort((left, right) => left - right));

describe('a batch is split', () => {
  it.each([
    [1, [1]],
    [2, [4]],
    [3, [4]],
    [4, [4]],
    [5, [8]],
    [8, [8]],
    [9, [8, 1]],
    [12, [8, 4]],
    [13, [16]],
    [16, [16]],
    [17, [16, 1]],
    [33, [16, 16, 1]],
    [100, [16, 16, 16, 16, 16, 16, 4]],
  ])('of %i images into executions of %j', (batch, expected) => {
    expect(splitBatch(batch, usual).map(({ batchSize }) => batchSize)).toEqual(expected);
  });

  it('for a model of one batch size into that one only', () => {
    expect(splitBatch(5, [4])).toEqual([
      { start: 0, count: 4, batchSize: 4 },
      { start: 4, count: 1, batchSize: 4 },
    ]);
  });

  it('so that every image is in one part, in order, and only the last part has padding', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), batchSizeLists, (batch, sizes) => {
        let next = 0;
        const parts = splitBatch(batch, sizes);
        parts.forEach(({ start, count, batchSize }, index) => {
          expect(sizes).toContain(batchSize);
          expect(start).toBe(next);
          expect(count).toBeGreaterThanOrEqual(1);
          expect(count).toBeLessThanOrEqual(batchSize);
          if (index < parts.length - 1) expect(count).toBe(batchSize);
          next += count;
        });
        expect(next).toBe(batch);
      }),
    );
  });

  it('at a cost that no other way is below', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), batchSizeLists, (batch, sizes) => {
        const cost = splitBatch(batch, sizes).reduce((sum, { batchSize }) => sum + batchSize + 3, 0);
        expect(cost).toBe(leastCost(batch, sizes));
      }),
    );
  });
});

/** The least cost by trying everything: an independent computation. */
function leastCost(batch: number, sizes: readonly number[], known = new Map<number, number>()): number {
  if (batch <= 0) return 0;
  const before = known.get(batch);
  if (before !== undefined) return before;
  const cost = Math.min(...sizes.map((size) => size + 3 + leastCost(batch - size, sizes, known)));
  known.set(batch, cost);
  return cost;
}
