import { setMaxListeners } from 'node:events';

/**
 * What ends a fetch before it is done: the caller's signal, the time, the closing of the whole. One signal stands for all, and
 * nothing of it is left on the caller's once the fetch is over.
 */
export class FetchEnding {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = (): void => this.end(this.#caller.reason);

  /** @param onTime makes the reason once the time is over */
  constructor(caller: AbortSignal, milliseconds: number, onTime: () => unknown) {
    this.#caller = caller;
    this.#timer = setTimeout(() => this.end(onTime()), milliseconds);
    // All images of one request share its signal, which is no leak to warn of.
    setMaxListeners(0, caller);
    caller.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** What a promise gives, or the reason of the end if that is sooner: names and connections cannot be broken off. */
  async unlessEnded<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this;
    let onAbort = (): void => {};
    const ended = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([promise, ended]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#caller.removeEventListener('abort', this.#onAbort);
  }
}
