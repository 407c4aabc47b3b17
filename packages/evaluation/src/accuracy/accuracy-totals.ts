import type { Comparison } from '@webssl/metrics';

/** Sums up comparisons. A figure that is NaN in one of them is NaN over all. */
export class AccuracyTotals {
  #comparisons = 0;
  #nmse = 0;
  #maximumNmse = 0;
  #relativeL2 = 0;
  #maximumRelativeL2 = 0;
  #cosine = 0;
  #minimumCosine = 1;
  #maximumAbsoluteError = 0;
  #notFinite = 0;

  get comparisons(): number {
    return this.#comparisons;
  }

  add({ nmse, relativeL2, cosine, maximumAbsoluteError, notFinite }: Comparison): void {
    this.#comparisons++;
    this.#nmse += nmse;
    this.#maximumNmse = Math.max(this.#maximumNmse, nmse);
    this.#relativeL2 += relativeL2;
    this.#maximumRelativeL2 = Math.max(this.#maximumRelativeL2, relativeL2);
    this.#cosine += cosine;
    this.#minimumCosine = Math.min(this.#minimumCosine, cosine);
    this.#maximumAbsoluteError = Math.max(this.#maximumAbsoluteError, maximumAbsoluteError);
    this.#notFinite += notFinite;
  }

  /** As the record `accuracy.total` holds them. */
  fields() {
    const meanNmse = this.#nmse / this.#comparisons;
    return {
      comparisons: this.#comparisons,
      mean_nmse: meanNmse,
      mean_nmse_percent: 100 * meanNmse,
      max_nmse: this.#maximumNmse,
      max_nmse_percent: 100 * this.#maximumNmse,
      mean_relative_l2: this.#relativeL2 / this.#comparisons,
      max_relative_l2: this.#maximumRelativeL2,
      mean_cosine: this.#cosine / this.#comparisons,
      min_cosine: this.#minimumCosine,
      max_abs_error: this.#maximumAbsoluteError,
      not_finite: this.#notFinite,
    };
  }
}
