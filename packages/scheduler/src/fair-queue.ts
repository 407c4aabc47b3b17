/** Entries of several clients. Clients take turns, an entry each: one with many does not hold up one with few. */
export class FairQueue<Entry> {
  /** In the order of their turns; none is empty. */
  readonly #entries = new Map<string, Set<Entry>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(client: string, entry: Entry): void {
    const own = this.#entries.get(client);
    if (own === undefined) this.#entries.set(client, new Set([entry]));
    else own.add(entry);
    this.#size++;
  }

  /** The oldest entry of the client whose turn it is. */
  take(): { readonly client: string; readonly entry: Entry } | undefined {
    for (const [client, own] of this.#entries) {
      this.#entries.delete(client);
      for (const entry of own) {
        own.delete(entry);
        if (own.size > 0) this.#entries.set(client, own);
        this.#size--;
        return { client, entry };
      }
    }
    return undefined;
  }

  /** Takes one entry out, wherever it waits. */
  delete(client: string, entry: Entry): void {
    const own = this.#entries.get(client);
    if (own === undefined || !own.delete(entry)) return;
    this.#size--;
    if (own.size === 0) this.#entries.delete(client);
  }
}
