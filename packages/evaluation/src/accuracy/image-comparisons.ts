import type { Tensor } from '@webssl/backend';
import { type Comparison, compareTensors } from '@webssl/metrics';
import type { RunRecorder } from '../run/run-recorder.js';
import { AccuracyTotals } from './accuracy-totals.js';
import { comparisonFields } from './comparison-fields.js';
import { classTokenOf } from './tensor-parts.js';
import { worstOf } from './worst-comparison.js';

/** Which image a record is about. */
export interface ImagePlace {
  readonly index: number;
  readonly image: string;
}

/** `last_hidden_state` of both sides for one row of a batch, `[T, D]`. */
export interface ComparedRow {
  readonly candidate: Tensor;
  readonly reference: Tensor;
}

/** Compares images in batches, records what it finds, and sums it up. */
export class ImageComparisons {
  readonly #recorder: RunRecorder;
  readonly #totals = { last_hidden_state: new AccuracyTotals(), cls: new AccuracyTotals() };

  constructor(recorder: RunRecorder) {
    this.#recorder = recorder;
  }

  /** Images in batches that were compared. */
  get count(): number {
    return this.#totals.cls.comparisons;
  }

  /**
   * Compares an image in one batch size, by the worst of its rows.
   *
   * @param own the row of the image itself
   * @param variations the rows that are made from it
   * @returns the comparison of all tokens
   */
  add(
    place: ImagePlace,
    batch: number,
    own: ComparedRow,
    variations: readonly ComparedRow[] = [],
  ): Comparison {
    const worst = {
      last_hidden_state: worstOf(compareTokens(own), variations.map(compareTokens)),
      cls: worstOf(compareClassToken(own), variations.map(compareClassToken)),
    };
    for (const tensor of ['last_hidden_state', 'cls'] as const) {
      this.#totals[tensor].add(worst[tensor]);
      const fields = comparisonFields(worst[tensor]);
      this.#recorder.record('accuracy.image', { ...place, batch, tensor, ...fields });
    }
    return worst.last_hidden_state;
  }

  recordTotals(): void {
    for (const tensor of ['last_hidden_state', 'cls'] as const) {
      this.#recorder.record('accuracy.total', { tensor, ...this.#totals[tensor].fields() });
    }
  }
}

function compareTokens({ candidate, reference }: ComparedRow): Comparison {
  return compareTensors(candidate, reference);
}

function compareClassToken({ candidate, reference }: ComparedRow): Comparison {
  return compareTensors(classTokenOf(candidate), classTokenOf(reference));
}
