import type { Tensor } from '@webssl/backend';

/** Tensors that may be needed again, the latest ones alone. */
export class RecentTensors {
  readonly #limit: number;
  /** In the order of their use. */
  readonly #tensors = new Map<string, Tensor>();

  /** @param limit tensors that it keeps at most */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The tensor of this name, computed when it is not here; one that cannot be computed is tried again the next time. */
  async get(name: string, compute: () => Promise<Tensor | undefined>): Promise<Tensor | undefined> {
    const tensor = this.#tensors.get(name) ?? (await compute());
    if (tensor === undefined) return undefined;
    this.#tensors.delete(name);
    this.#tensors.set(name, tensor);
    for (const oldest of this.#tensors.keys()) {
      if (this.#tensors.size <= this.#limit) break;
      this.#tensors.delete(oldest);
    }
    return tensor;
  }
}
