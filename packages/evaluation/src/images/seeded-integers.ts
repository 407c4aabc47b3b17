/**
 * Pseudo-random whole numbers, from 0 to below a bound of at most 65536: xorshift of 32 bits (Marsaglia 2003), upper half.
 *
 * @param seed not 0
 */
export function seededIntegers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 16) * below) / 65536);
  };
}
