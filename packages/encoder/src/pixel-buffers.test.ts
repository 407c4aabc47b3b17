import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PixelBuffers } from './pixel-buffers.js';

/** How many pieces of memory lie behind some batches. */
function distinct(buffers: readonly Float32Array[]): number {
  return new Set(buffers.map(({ buffer }) => buffer)).size;
}

it('gives memory out again, the smallest that is large enough', () => {
  const buffers = new PixelBuffers();
  const [large, small] = [buffers.take(1000), buffers.take(10)];
  buffers.giveBack(large);
  buffers.giveBack(small);
  expect(buffers.take(8).buffer).toBe(small.buffer);
  expect(buffers.take(8).buffer).toBe(large.buffer);
});

it('shares no memory between batches that are in use at once', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.boolean())), (plan) => {
      const buffers = new PixelBuffers();
      const used: Float32Array[] = [];
      for (const [length, isGivenBack] of plan) {
        const taken = buffers.take(length);
        expect(taken.length).toBe(length);
        if (isGivenBack) buffers.giveBack(taken);
        else used.push(taken);
        expect(distinct([...used, taken])).toBe(isGivenBack ? used.length + 1 : used.length);
      }
    }),
  );
});

it('replaces memory that is too small instead of keeping it', () => {
  const buffers = new PixelBuffers();
  for (const length of [100, 150, 200, 250]) buffers.giveBack(buffers.take(length));
  const last = buffers.take(1);
  const next = buffers.take(1);
  expect(last.buffer.byteLength).toBe(1000);
  expect(next.buffer.byteLength).toBe(4);
});

it('lets large memory go that was not needed for long', () => {
  const buffers = new PixelBuffers();
  const [large, small] = [buffers.take(1000), buffers.take(10)];
  buffers.giveBack(large);
  buffers.giveBack(small);
  for (let run = 0; run < 100; run++) buffers.giveBack(buffers.take(10));
  expect(buffers.take(1000).buffer).not.toBe(large.buffer);
});
