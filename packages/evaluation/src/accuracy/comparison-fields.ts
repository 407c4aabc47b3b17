import type { Comparison } from '@webssl/metrics';

/** A comparison as records hold it. */
export function comparisonFields(comparison: Comparison) {
  const { values, nmse, relativeL2, cosine, maximumAbsoluteError, notFinite, referenceNotFinite, problem } =
    comparison;
  return {
    values,
    nmse,
    nmse_percent: 100 * nmse,
    relative_l2: relativeL2,
    cosine,
    max_abs_error: maximumAbsoluteError,
    not_finite: notFinite,
    reference_not_finite: referenceNotFinite,
    ...(problem === undefined ? {} : { problem }),
  };
}
