/** Releases what was acquired, last first. */
export class Resources {
  readonly #releases: (() => void)[] = [];

  add(release: () => void): void {
    this.#releases.push(release);
  }

  /** Releases everything. May be called again: then there is nothing left to release. */
  release(): void {
    for (let next = this.#releases.pop(); next !== undefined; next = this.#releases.pop()) next();
  }
}
