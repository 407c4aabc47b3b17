import type { Tensor } from '@webssl/backend';

/** Why the figures of a comparison cannot be trusted. */
export type ComparisonProblem = 'shape-mismatch' | 'not-finite' | 'zero-reference';

/** How far a candidate's values are from a reference's. Nothing here is ever a silent 0. */
export interface Comparison {
  /** Compared values; 0 with `shape-mismatch`. */
  readonly values: number;
  /** `sum((candidate - reference)^2) / sum(reference^2)` in float64; NaN when there is a problem. */
  readonly nmse: number;
  /** The root of `nmse`. */
  readonly relativeL2: number;
  readonly cosine: number;
  readonly maximumAbsoluteError: number;
  /** Values of the candidate that are NaN or infinite. */
  readonly notFinite: number;
  readonly referenceNotFinite: number;
  readonly problem?: ComparisonProblem;
}

/** Placeholder until it is written. */
export function compareTensors(_candidate: Tensor, _reference: Tensor): Comparison {
  throw new Error('not written yet');
}
