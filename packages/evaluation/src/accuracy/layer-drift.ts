import { rank } from './worst-comparison.js';

/** Finds the first layer of any image over a bound, and the worst one. An NMSE that is NaN is over every bound. */
export class LayerDrift {
  readonly #bound: number;
  #firstOver: number | undefined;
  #worst: { readonly layer: number; readonly nmse: number } | undefined;

  constructor(bound: number) {
    this.#bound = bound;
  }

  add(layer: number, nmse: number): void {
    if (!(nmse <= this.#bound)) this.#firstOver = Math.min(layer, this.#firstOver ?? layer);
    if (this.#worst === undefined || rank(nmse) > rank(this.#worst.nmse)) this.#worst = { layer, nmse };
  }

  /** As the record `accuracy.drift` holds it; undefined before any layer was compared. */
  fields() {
    if (this.#worst === undefined) return undefined;
    return {
      bound: this.#bound,
      ...(this.#firstOver === undefined ? {} : { first_layer_over: this.#firstOver }),
      worst_layer: this.#worst.layer,
      worst_nmse: this.#worst.nmse,
    };
  }
}
