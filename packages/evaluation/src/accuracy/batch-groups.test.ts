import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type BatchGroup, BatchGroups } from './batch-groups.js';

type Group = BatchGroup<number, string>;

function groupsOf(images: number, batches: readonly number[]): { early: Group[]; all: Group[] } {
  const groups = new BatchGroups<number, string>(batches);
  const early: Group[] = [];
  for (let image = 0; image < images; image++) early.push(...groups.add(image, (one) => `filler of ${one}`));
  return { early, all: [...early, ...groups.rest()] };
}

it('has every image once in each batch size, in full batches, as early as it can', () => {
  const sizes = fc.uniqueArray(fc.integer({ min: 2, max: 9 }), { maxLength: 4 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 }), sizes, (images, batches) => {
      const { early, all } = groupsOf(images, batches);
      for (const { batch, members, fillers } of all) expect(members.length + fillers.length).toBe(batch);
      for (const size of batches) {
        const members = all.filter(({ batch }) => batch === size).flatMap((group) => group.members);
        expect(members).toEqual(Array.from({ length: images }, (_, image) => image));
        expect(early.filter(({ batch }) => batch === size)).toHaveLength(Math.floor(images / size));
      }
    }),
  );
});

it('fills a last batch up with the first images, over and over', () => {
  expect(groupsOf(2, [5]).all).toEqual([
    { batch: 5, members: [0, 1], fillers: ['filler of 0', 'filler of 1', 'filler of 0'] },
  ]);
});
