/** How much of an old measurement a new batch replaces: the rate is that of the last five batches or so. */
const weight = 0.2;

/** Items a second that a device works off while it has work, as a moving average over its batches. */
export class ServiceRate {
  /** Milliseconds an item. */
  #interval: number | undefined;
  #lastEnd = 0;

  /** Items a second; absent before the first batch. */
  get perSecond(): number | undefined {
    return this.#interval === undefined ? undefined : 1000 / Math.max(this.#interval, 1e-3);
  }

  /**
   * Counts a batch that has just ended. Batches that overlap share their time; what the device was idle counts for nothing.
   *
   * @param started when the batch began, and `ended` when it ended, in milliseconds of one clock
   */
  batchEnded(items: number, started: number, ended: number): void {
    const interval = (ended - Math.max(started, this.#lastEnd)) / items;
    this.#lastEnd = ended;
    this.#interval =
      this.#interval === undefined ? interval : this.#interval * (1 - weight) + interval * weight;
  }
}
