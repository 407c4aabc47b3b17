import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { canReadProcessTree } from '../process-tree.js';
import { slopeOf, watchMemory } from './memory-watch.js';

it('finds the slope of a line, and none where there is noise alone', () => {
  expect(slopeOf([5, 7, 9, 11])).toBeCloseTo(2, 12);
  expect(slopeOf([3, 3, 3])).toBe(0);
  expect(slopeOf([1, 2, 2, 1])).toBeCloseTo(0, 12);
  expect(slopeOf([9, 8, 10, 5])).toBeCloseTo(-1, 12);
});

it.skipIf(!canReadProcessTree())('sees a process grow (needs the /proc of Linux)', async () => {
  const kept: Buffer[] = [];
  const { bytes } = await watchMemory(process.pid, async () => {
    for (let step = 0; step < 3; step++) {
      kept.push(Buffer.alloc(50e6, 1));
      await sleep(1050);
    }
  });
  expect(bytes.length).toBeGreaterThanOrEqual(2);
  expect(slopeOf(bytes)).toBeGreaterThan(20e6);
  expect(kept).toHaveLength(3);
});
