/** One image of a batch. */
export interface BatchRow<Item> {
  readonly item: Item;
  /** 0: the item itself. From 1: a variation of it, which fills the batch up. */
  readonly variation: number;
}

/** Images that share a batch. */
export interface BatchGroup<Item> {
  /** The items that are in the group themselves, each once. */
  readonly members: readonly Item[];
  /** The members in their order, then variations of them where they are too few: as many as the batch has images. */
  readonly rows: readonly BatchRow<Item>[];
}

/**
 * Puts images into groups, for several batch sizes at once: each image is a member of exactly one group of each size.
 * Images come one by one, and at no time more than the largest batch wait.
 */
export class BatchGroups<Item> {
  readonly #waiting: ReadonlyMap<number, Item[]>;

  constructor(batches: readonly number[]) {
    this.#waiting = new Map(batches.map((batch) => [batch, []]));
  }

  /** Takes an image in, and gives the groups that it completes. */
  add(item: Item): BatchGroup<Item>[] {
    const full: BatchGroup<Item>[] = [];
    for (const [batch, waiting] of this.#waiting) {
      waiting.push(item);
      if (waiting.length === batch) full.push(groupOf(waiting.splice(0), batch));
    }
    return full;
  }

  /** The groups of the images that still wait, filled up. */
  rest(): BatchGroup<Item>[] {
    return [...this.#waiting].flatMap(([batch, waiting]) =>
      waiting.length === 0 ? [] : [groupOf(waiting.splice(0), batch)],
    );
  }
}

function groupOf<Item>(members: readonly Item[], batch: number): BatchGroup<Item> {
  // From the last member on: it waits in every batch size that is not full, so that sizes share variations.
  const backwards = members.toReversed();
  const fillers = Array.from({ length: batch - members.length }, (_, position) => ({
    item: backwards[position % backwards.length] as Item,
    variation: 1 + Math.floor(position / backwards.length),
  }));
  return { members, rows: [...members.map((item) => ({ item, variation: 0 })), ...fillers] };
}
