import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type BatchGroup, BatchGroups } from './batch-groups.js';

type Group = BatchGroup<number>;

function groupsOf(images: number, batches: readonly number[]): { early: Group[]; all: Group[] } {
  const groups = new BatchGroups<number>(batches);
  const early: Group[] = [];
  for (let image = 0; image < images; image++) early.push(...groups.add(image));
  return { early, all: [...early, ...groups.rest()] };
}

it('has every image once in each batch size, in full batches, as early as it can', () => {
  const sizes = fc.uniqueArray(fc.integer({ min: 2, max: 9 }), { maxLength: 4 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 }), sizes, (images, batches) => {
      const { early, all } = groupsOf(images, batches);
      for (const size of batches) {
        const members = all.filter(({ rows }) => rows.length === size).flatMap((group) => group.members);
        expect(members).toEqual(Array.from({ length: images }, (_, image) => image));
        expect(early.filter(({ rows }) => rows.length === size)).toHaveLength(Math.floor(images / size));
      }
    }),
  );
});

it('has no row twice, and none that is not made from a member', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 2, max: 20 }), (images, batch) => {
      for (const { members, rows } of groupsOf(images, [batch]).all) {
        expect(new Set(rows.map(({ item, variation }) => `${item} ${variation}`)).size).toBe(batch);
        expect(rows.slice(0, members.length)).toEqual(members.map((item) => ({ item, variation: 0 })));
        for (const { item } of rows) expect(members).toContain(item);
      }
    }),
  );
});

it('fills last batches up with variations of their own members, the same ones in every size', () => {
  const filled = groupsOf(3, [2, 5]).all.slice(1);
  expect(filled.map(({ members, rows }) => [members, rows.slice(members.length)])).toEqual([
    [[2], [{ item: 2, variation: 1 }]],
    [
      [0, 1, 2],
      [
        { item: 2, variation: 1 },
        { item: 1, variation: 1 },
      ],
    ],
  ]);
});
