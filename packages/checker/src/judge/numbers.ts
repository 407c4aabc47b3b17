// NaN must never pass: each of these is false, or NaN, with one.

/** Whether a figure is finite and not negative. */
export function isAmount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

/** Whether two figures are finite and the same but for rounding. */
export function agrees(
  left: number,
  right: number,
  scale = Math.max(Math.abs(left), Math.abs(right)),
): boolean {
  // An infinite figure would be within its own tolerance.
  return Number.isFinite(left - right) && Math.abs(left - right) <= 1e-6 * scale;
}

/** Whether a figure that sums up others is what they make; also where that is NaN or infinite, which is told of them. */
export function sumsUp(written: number, expected: number, scale?: number): boolean {
  return Object.is(written, expected) || agrees(written, expected, scale);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** -Infinity of none. */
export function largest(values: Iterable<number>): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) most = Math.max(most, value);
  return most;
}

/** Infinity of none. */
export function smallest(values: Iterable<number>): number {
  let least = Number.POSITIVE_INFINITY;
  for (const value of values) least = Math.min(least, value);
  return least;
}
