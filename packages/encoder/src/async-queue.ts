/** First in, first out; readers wait for what comes. */
export class AsyncQueue<T> {
  readonly #items: T[] = [];
  readonly #readers: {
    readonly resolve: (item: T | undefined) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  #end: { readonly error?: unknown } | undefined;

  push(item: T): void {
    const reader = this.#readers.shift();
    if (reader === undefined) this.#items.push(item);
    else reader.resolve(item);
  }

  /** The next item; undefined after the last one. */
  shift(): Promise<T | undefined> {
    const [item] = this.#items.splice(0, 1);
    if (item !== undefined) return Promise.resolve(item);
    if (this.#end !== undefined) {
      return 'error' in this.#end ? Promise.reject(this.#end.error) : Promise.resolve(undefined);
    }
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  end(): void {
    this.#end = {};
    for (const reader of this.#readers.splice(0)) reader.resolve(undefined);
  }

  fail(error: unknown): void {
    this.#end = { error };
    for (const reader of this.#readers.splice(0)) reader.reject(error);
  }
}
