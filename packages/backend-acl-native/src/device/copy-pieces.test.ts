import fc from 'fast-check';
import { expect, it } from 'vitest';
import { copyPieces } from './copy-pieces.js';

it('covers every value once, in at most eight pieces that begin at multiples of 64 bytes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000_000 }), (length) => {
      const pieces = copyPieces(length);
      expect(pieces.length).toBeLessThanOrEqual(8);
      expect(pieces.map(({ from }) => from)).toEqual([0, ...pieces.map(({ to }) => to).slice(0, -1)]);
      expect(pieces.at(-1)?.to).toBe(length);
      for (const { from, to } of pieces) {
        expect(from % 16).toBe(0);
        expect(to).toBeGreaterThan(from);
      }
    }),
  );
});

it('does not cut what is small', () => {
  expect(copyPieces(3 * 14 * 14)).toEqual([{ from: 0, to: 588 }]);
});
