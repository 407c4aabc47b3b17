import { expect, it } from 'vitest';
import { takeTurns } from './take-turns.js';

it('never runs more than so many tasks, in order, and goes on after one that fails', async () => {
  const inTurn = takeTurns(2);
  const open = new Set<number>();
  const started: number[] = [];
  let most = 0;
  const results = await Promise.allSettled(
    [0, 1, 2, 3, 4, 5].map((task) =>
      inTurn(async () => {
        open.add(task);
        started.push(task);
        most = Math.max(most, open.size);
        await new Promise((resolve) => setTimeout(resolve, task === 0 ? 20 : 2));
        open.delete(task);
        if (task === 1) throw new Error('failed');
        return task * 10;
      }),
    ),
  );
  expect(most).toBe(2);
  expect(started).toEqual([0, 1, 2, 3, 4, 5]);
  expect(results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'))).toEqual([
    0,
    'failed',
    20,
    30,
    40,
    50,
  ]);
});
