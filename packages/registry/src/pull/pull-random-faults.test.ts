import { expect, it } from 'vitest';
import { expectModel, faultsOf, openBadHub, seeds } from './testing/bad-hub.js';

it.each(seeds)('faults that pass leave the model as it should be (seed %i)', async (seed) => {
  const pulled = await openBadHub(faultsOf(seed, 8));
  const { folder } = await pulled.pull();
  await expectModel(folder);
  expect(await pulled.visible()).toHaveLength(5);
  expect((await pulled.tree()).filter((path) => path.includes('.webssl'))).toEqual([]);
  expect(pulled.hub.requests.some(({ fault }) => fault !== undefined)).toBe(true);
});
