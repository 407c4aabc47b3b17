import { expect, it } from 'vitest';
import { searchFrontier } from './search-frontier.js';

/** Plans that keep a bound of 0.1 from `needed` linear layers in float32 on. */
function plans(needed: number) {
  const asked: number[] = [];
  const measure = async (kept: number) => {
    asked.push(kept);
    return {
      kind: 'tuned' as const,
      float32: Array.from({ length: kept }, String),
      nmse: kept >= needed ? 0.1 : 0.2,
      clsNmse: 0.05,
      milliseconds: 1,
      float32Milliseconds: 2,
    };
  };
  return { asked, measure };
}

it.each([
  ['none needed', 0, [0], [0]],
  ['one needed', 1, [0, 1], [0, 1]],
  ['six needed', 6, [0, 1, 2, 4, 8, 6, 5], [0, 1, 2, 4, 5, 6, 8]],
  ['nearly all needed', 22, [0, 1, 2, 4, 8, 16, 23, 19, 21, 22], [0, 1, 2, 4, 8, 16, 19, 21, 22, 23]],
  ['more needed than there are', 99, [0, 1, 2, 4, 8, 16, 23], [0, 1, 2, 4, 8, 16, 23]],
])('plans are measured once each: %s', async (_, needed, order, points) => {
  const { asked, measure } = plans(needed);
  const frontier = await searchFrontier(24, 0.1, measure);
  expect(asked).toEqual(order);
  expect(frontier.map(({ float32 }) => float32.length)).toEqual(points);
});
