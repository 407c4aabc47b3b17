/** Images that share a batch. */
export interface BatchGroup<Item, Filler> {
  readonly batch: number;
  /** Images whose results count. */
  readonly members: readonly Item[];
  /** Fill the batch up; with the members they are `batch` images. */
  readonly fillers: readonly Filler[];
}

/**
 * Puts images into groups, for several batch sizes at once: each image is a member of exactly one group of each size.
 * Images come one by one, and at no time more than the largest batch wait, apart from as many that may serve as fillers.
 */
export class BatchGroups<Item, Filler> {
  readonly #waiting: ReadonlyMap<number, Item[]>;
  readonly #fillers: Filler[] = [];
  readonly #fillersNeeded: number;

  constructor(batches: readonly number[]) {
    this.#waiting = new Map(batches.map((batch) => [batch, []]));
    this.#fillersNeeded = Math.max(0, ...batches) - 1;
  }

  /**
   * Takes an image in.
   *
   * @param makeFiller of the image, for the last group of each size
   * @returns the groups that it completes
   */
  add(item: Item, makeFiller: (item: Item) => Filler): BatchGroup<Item, Filler>[] {
    if (this.#fillers.length < this.#fillersNeeded) this.#fillers.push(makeFiller(item));
    const full: BatchGroup<Item, Filler>[] = [];
    for (const [batch, waiting] of this.#waiting) {
      waiting.push(item);
      if (waiting.length === batch) full.push({ batch, members: waiting.splice(0), fillers: [] });
    }
    return full;
  }

  /** The groups of the images that still wait, filled up with fillers of the first images, over and over. */
  rest(): BatchGroup<Item, Filler>[] {
    const groups: BatchGroup<Item, Filler>[] = [];
    for (const [batch, waiting] of this.#waiting) {
      if (waiting.length === 0) continue;
      const fillers = Array.from(
        { length: batch - waiting.length },
        (_, position) => this.#fillers[position % this.#fillers.length] as Filler,
      );
      groups.push({ batch, members: waiting.splice(0), fillers });
    }
    return groups;
  }
}
