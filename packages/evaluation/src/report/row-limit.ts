import { formatCount } from './format-figure.js';

/** Rows of one table in `report.html`; a run has a million records and more. */
export const mostRows = 200;

/** The first items, and a sentence on how many more there are. */
export function atMost<Item>(
  items: readonly Item[],
  most: number,
): { readonly shown: readonly Item[]; readonly note?: string } {
  if (items.length <= most) return { shown: items };
  const leftOut = formatCount(items.length - most, 'more row is', 'more rows are');
  return { shown: items.slice(0, most), note: `${leftOut} left out; results.json has all ${items.length}.` };
}

/** Items in their order; where a table cannot hold all, the worst first. */
export function worstWhereMany<Item>(
  items: readonly Item[],
  worseFirst: (left: Item, right: Item) => number,
): readonly Item[] {
  return items.length <= mostRows ? items : [...items].sort(worseFirst);
}
