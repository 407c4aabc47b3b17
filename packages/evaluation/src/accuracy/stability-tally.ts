import type { Tensor } from '@webssl/backend';
import { compareTensors } from '@webssl/metrics';

/** How far repeated runs of one image are from its first run alone. */
export class StabilityTally {
  readonly #first: Tensor;
  #runs = 0;
  #identical = true;
  #maximumNmse = 0;
  #maximumAbsoluteError = 0;
  #notFinite = 0;

  /** @param first what the candidate gave for the image when it ran it alone for the first time */
  constructor(first: Tensor) {
    this.#first = first;
  }

  add(result: Tensor): void {
    const { nmse, maximumAbsoluteError, notFinite } = compareTensors(result, this.#first);
    this.#runs++;
    this.#identical &&= bytesOf(result).equals(bytesOf(this.#first));
    this.#maximumNmse = Math.max(this.#maximumNmse, nmse);
    this.#maximumAbsoluteError = Math.max(this.#maximumAbsoluteError, maximumAbsoluteError);
    this.#notFinite += notFinite;
  }

  /** As the record `accuracy.stability` holds it. */
  fields() {
    return {
      runs: this.#runs,
      identical: this.#identical,
      max_nmse: this.#maximumNmse,
      max_abs_error: this.#maximumAbsoluteError,
      not_finite: this.#notFinite,
    };
  }
}

function bytesOf({ data }: Tensor): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
