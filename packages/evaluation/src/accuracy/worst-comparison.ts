import type { Comparison } from '@webssl/metrics';

/** A figure to sort an NMSE by: NaN, as every problem gives it, is worse than all others. */
export function rank(nmse: number): number {
  return Number.isNaN(nmse) ? Number.POSITIVE_INFINITY : nmse;
}

/** The comparison with the largest NMSE, one with a problem before all others; the first of several alike. */
export function worstOf(first: Comparison, others: readonly Comparison[]): Comparison {
  return others.reduce((one, other) => (rank(other.nmse) > rank(one.nmse) ? other : one), first);
}
