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
  /** Cosine of the angle between the two, -1 to 1; NaN when there is a problem or the candidate is all zero. */
  readonly cosine: number;
  /** NaN with `shape-mismatch` and `not-finite`. */
  readonly maximumAbsoluteError: number;
  /** Values of the candidate that are NaN or infinite. */
  readonly notFinite: number;
  readonly referenceNotFinite: number;
  readonly problem?: ComparisonProblem;
}

/**
 * Compares a candidate with a reference in one pass, accumulated in float64. Never throws: what makes a comparison
 * impossible is its `problem`. Tensors of other dims, or whose data is not as long as their dims say, are a `shape-mismatch`.
 */
export function compareTensors(candidate: Tensor, reference: Tensor): Comparison {
  if (!sameShape(candidate, reference)) {
    const counts = {
      notFinite: countNotFinite(candidate.data),
      referenceNotFinite: countNotFinite(reference.data),
    };
    return { values: 0, ...noFigures, ...counts, problem: 'shape-mismatch' };
  }
  const sums = accumulate(candidate.data, reference.data);
  const { error, product, candidatePower, referencePower, ...rest } = sums;
  const values = reference.data.length;
  if (rest.notFinite > 0 || rest.referenceNotFinite > 0) {
    return { values, ...rest, ...noFigures, problem: 'not-finite' };
  }
  if (referencePower === 0) return { values, ...noFigures, ...rest, problem: 'zero-reference' };
  const nmse = error / referencePower;
  // Two roots, not the root of a product, which could leave the range of float64.
  const cosine = product / (Math.sqrt(candidatePower) * Math.sqrt(referencePower));
  return { values, nmse, relativeL2: Math.sqrt(nmse), cosine: Math.max(-1, Math.min(1, cosine)), ...rest };
}

const noFigures = {
  nmse: Number.NaN,
  relativeL2: Number.NaN,
  cosine: Number.NaN,
  maximumAbsoluteError: Number.NaN,
};

function sameShape(candidate: Tensor, reference: Tensor): boolean {
  return (
    candidate.dims.length === reference.dims.length &&
    candidate.dims.every((size, axis) => size === reference.dims[axis]) &&
    isWhole(candidate) &&
    isWhole(reference)
  );
}

function isWhole({ data, dims }: Tensor): boolean {
  return data.length === dims.reduce((product, size) => product * size, 1);
}

function accumulate(candidate: Float32Array, reference: Float32Array) {
  let error = 0;
  let product = 0;
  let candidatePower = 0;
  let referencePower = 0;
  let maximumAbsoluteError = 0;
  let notFinite = 0;
  let referenceNotFinite = 0;
  for (let index = 0; index < reference.length; index++) {
    const actual = candidate[index] as number;
    const expected = reference[index] as number;
    if (!Number.isFinite(actual)) notFinite++;
    if (!Number.isFinite(expected)) referenceNotFinite++;
    const difference = actual - expected;
    error += difference * difference;
    product += actual * expected;
    candidatePower += actual * actual;
    referencePower += expected * expected;
    const size = Math.abs(difference);
    if (size > maximumAbsoluteError) maximumAbsoluteError = size;
  }
  return {
    error,
    product,
    candidatePower,
    referencePower,
    maximumAbsoluteError,
    notFinite,
    referenceNotFinite,
  };
}

function countNotFinite(values: Float32Array): number {
  return values.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
}
