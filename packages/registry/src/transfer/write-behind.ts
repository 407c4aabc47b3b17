/** Bytes that are written in one call. Enough that a call's cost does not show, little enough that not much is lost with the process. */
const bufferBytes = 1024 * 1024;
/** On a slow line a buffer takes long to fill; nothing waits in it for longer than this. */
const longestWaitMilliseconds = 1000;

/**
 * Collects chunks and writes them in larger pieces, one behind the other, while the next piece is collected: at most two
 * are held. Chunks are kept, not copied.
 */
export class WriteBehind {
  readonly #write: (chunks: readonly Uint8Array[], start: number) => Promise<void>;
  #chunks: Uint8Array[] = [];
  #start = 0;
  #bytes = 0;
  /** At first long ago: the first chunk is written at once, to tell that bytes come at all. */
  #lastWrite = Number.NEGATIVE_INFINITY;
  #underWay: Promise<void> = Promise.resolve();

  constructor(write: (chunks: readonly Uint8Array[], start: number) => Promise<void>) {
    this.#write = write;
  }

  /** Takes bytes that belong at `position`. A promise says that the caller has to wait, or that an earlier write failed. */
  add(chunk: Uint8Array, position: number): Promise<void> | undefined {
    if (this.#bytes > 0 && position !== this.#start + this.#bytes) {
      return this.#flush().then(() => this.add(chunk, position));
    }
    if (this.#bytes === 0) this.#start = position;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const isDue =
      this.#bytes >= bufferBytes || performance.now() - this.#lastWrite >= longestWaitMilliseconds;
    return isDue ? this.#flush() : undefined;
  }

  /** Settles when all that was taken is written. */
  async drain(): Promise<void> {
    await this.#flush();
    await this.#underWay;
  }

  async #flush(): Promise<void> {
    await this.#underWay;
    if (this.#bytes === 0) return;
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#bytes = 0;
    this.#lastWrite = performance.now();
    this.#underWay = this.#write(chunks, this.#start);
    // Whoever comes next is told; nobody may come for a while.
    this.#underWay.catch(() => undefined);
  }
}
