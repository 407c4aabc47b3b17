/** A batch that a {@link ControlledDevice} was given and has not ended yet. */
export interface HeldBatch<Item> {
  readonly items: readonly Item[];
  readonly signal: AbortSignal;
  /** Ends it: every item's result is the item itself. */
  finish(): Promise<void>;
  fail(error: Error): Promise<void>;
}

/** A device whose batches end when the test says so. */
export class ControlledDevice<Item> {
  readonly batches: HeldBatch<Item>[] = [];

  readonly run = (items: readonly Item[], signal: AbortSignal): Promise<readonly Item[]> =>
    new Promise((resolve, reject) => {
      this.batches.push({
        items,
        signal,
        finish: () => {
          resolve(items);
          return settled();
        },
        fail: (error) => {
          reject(error);
          return settled();
        },
      });
    });

  /** What each batch was made of, in their order. */
  get sent(): readonly (readonly Item[])[] {
    return this.batches.map(({ items }) => items);
  }
}

/** Everything that promises have to do is done. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
