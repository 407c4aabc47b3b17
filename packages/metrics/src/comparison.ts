import { WebsslError } from '@webssl/backend';

/** Numbers to compare: a typed array or an ordinary one. */
export type Values = ArrayLike<number>;

function requireSameLength(candidate: Values, reference: Values): void {
  if (candidate.length !== reference.length || reference.length === 0) {
    throw new WebsslError({
      code: 'METRICS_SHAPE_MISMATCH',
      message: `Cannot compare ${candidate.length} values with ${reference.length}: both must have the same length, and at least one value.`,
    });
  }
}

/**
 * Normalised mean squared error, `sum((candidate - reference)^2) / sum(reference^2)`, accumulated in float64.
 *
 * @returns a ratio (0.01 is 1 %); NaN or Infinity when a value is not finite or the reference is all zero, never a silent 0
 * @throws WebsslError `METRICS_SHAPE_MISMATCH`
 */
export function nmse(candidate: Values, reference: Values): number {
  requireSameLength(candidate, reference);
  let error = 0;
  let power = 0;
  for (let index = 0; index < reference.length; index++) {
    const expected = reference[index] as number;
    const difference = (candidate[index] as number) - expected;
    error += difference * difference;
    power += expected * expected;
  }
  return power === 0 ? Number.NaN : error / power;
}

/**
 * Largest absolute difference between two values at the same place.
 *
 * @returns NaN when a difference is NaN
 * @throws WebsslError `METRICS_SHAPE_MISMATCH`
 */
export function maximumAbsoluteError(candidate: Values, reference: Values): number {
  requireSameLength(candidate, reference);
  let maximum = 0;
  for (let index = 0; index < reference.length; index++) {
    const difference = Math.abs((candidate[index] as number) - (reference[index] as number));
    if (Number.isNaN(difference)) return Number.NaN;
    if (difference > maximum) maximum = difference;
  }
  return maximum;
}

/**
 * Cosine of the angle between two vectors, accumulated in float64.
 *
 * @returns -1 to 1, up to rounding; NaN when one of them has no direction (all zero) or a value is not finite
 * @throws WebsslError `METRICS_SHAPE_MISMATCH`
 */
export function cosineSimilarity(left: Values, right: Values): number {
  requireSameLength(left, right);
  let product = 0;
  let leftPower = 0;
  let rightPower = 0;
  for (let index = 0; index < left.length; index++) {
    const a = left[index] as number;
    const b = right[index] as number;
    product += a * b;
    leftPower += a * a;
    rightPower += b * b;
  }
  return product / Math.sqrt(leftPower * rightPower);
}
