import { expect, it } from 'vitest';
import { takeTurns } from './turns.js';

function turn(id: string, log: string[], optional = false) {
  return {
    id,
    optional,
    measure: async () => {
      log.push(id);
      return log.length;
    },
  };
}

it('takes turns, and does not count the first round', async () => {
  const log: string[] = [];
  const { results } = await takeTurns([turn('a', log), turn('b', log)], 2);
  expect(log).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  expect(results.get('a')).toEqual([3, 5]);
  expect(results.get('b')).toEqual([4, 6]);
});

it('goes on without an optional one that fails, and says why', async () => {
  const log: string[] = [];
  const failing = { id: 'peer', optional: true, measure: () => Promise.reject(new Error('out of memory')) };
  const { results, dropped } = await takeTurns([failing, turn('a', log)], 1);
  expect(log).toEqual(['a', 'a']);
  expect(results.has('peer')).toBe(false);
  expect(dropped.get('peer')).toBe('out of memory');
});

it('ends when one fails that must not', async () => {
  const failing = { id: 'own', optional: false, measure: () => Promise.reject(new Error('broken')) };
  await expect(takeTurns([failing], 1)).rejects.toThrow('broken');
});

it('warms up with less where that is enough', async () => {
  const log: string[] = [];
  const long = {
    ...turn('long', log),
    warmUp: async () => {
      log.push('short');
    },
  };
  const { results } = await takeTurns([long], 2);
  expect(log).toEqual(['short', 'long', 'long']);
  expect(results.get('long')).toEqual([2, 3]);
});
