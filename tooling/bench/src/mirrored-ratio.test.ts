import { expect, it } from 'vitest';
import { mirroredRatios } from './mirrored-ratio.js';

it('does not see that the machine gets steadily slower', async () => {
  let slowness = 1;
  const lasting = (seconds: number) => () => {
    slowness += 0.1;
    return Promise.resolve(seconds * slowness);
  };
  const ratios = await mirroredRatios(5, lasting(2), lasting(1.5));
  expect(ratios).toHaveLength(5);
  for (const ratio of ratios) expect(ratio).toBeCloseTo(0.75, 12);
});
