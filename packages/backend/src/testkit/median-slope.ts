/**
 * By how much a series grows with each step: the median of the slopes between any two of its values, which single jumps hardly
 * change.
 * @returns 0 for a series of fewer than two values
 */
export function medianSlope(values: readonly number[]): number {
  const slopes = values
    .flatMap((value, index) =>
      values.slice(index + 1).map((later, distance) => (later - value) / (distance + 1)),
    )
    .sort((left, right) => left - right);
  return slopes[Math.floor(slopes.length / 2)] ?? 0;
}
