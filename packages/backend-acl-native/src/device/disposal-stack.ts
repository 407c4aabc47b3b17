/**
 * What was acquired, so that it is released in reverse order, each thing once: at the end, or when a later acquisition fails.
 * The releases are synchronous, so that they can run while a thread exits.
 */
export class DisposalStack {
  readonly #releases: (() => void)[] = [];

  /** Adds a release and gives the value that it belongs to. */
  add<Value>(value: Value, release: (value: Value) => void): Value {
    this.#releases.push(() => release(value));
    return value;
  }

  /**
   * Releases everything. A release that fails does not keep the others from running, and is not reported: nothing is left to be
   * done about it.
   */
  dispose(): void {
    for (let release = this.#releases.pop(); release !== undefined; release = this.#releases.pop()) {
      try {
        release();
      } catch {
        // See above.
      }
    }
  }
}
