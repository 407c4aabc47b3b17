const firstBytes = 65_536;

/**
 * Collects bytes in one buffer that doubles. Keeping the chunks instead would keep whatever memory they are views of, which a
 * host that sends single bytes in large wrappings could make many times the size of the image.
 */
export class GrowingBytes {
  #buffer = new Uint8Array(firstBytes);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = length;
  }

  /** A copy that owns its memory. */
  take(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }
}
