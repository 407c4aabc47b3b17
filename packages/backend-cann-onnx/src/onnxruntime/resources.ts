/** Releases what was acquired, last first. */
export class Resources {
  readonly #releases: (() => void)[] = [];

  add(release: () => void): void {
    this.#releases.push(release);
  }

  /**
   * Releases everything. May be called again: then there is nothing left to release.
   * @throws AggregateError afterwards, with what the releases threw
   */
  release(): void {
    const errors: unknown[] = [];
    for (let next = this.#releases.pop(); next !== undefined; next = this.#releases.pop()) {
      try {
        next();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'not everything could be released');
  }

  /** Releases everything because of an error that matters more than those of the releases. */
  discard(): void {
    try {
      this.release();
    } catch {
      // See above.
    }
  }
}
