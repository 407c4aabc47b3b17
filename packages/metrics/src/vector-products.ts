/** Sum of the products. */
export function dot(left: Float64Array, right: Float64Array): number {
  return dots(left, [right])[0] as number;
}

/** The dot product of a vector with each of the others. Four are taken at once: one alone waits for each addition. */
export function dots(vector: Float64Array, others: readonly Float64Array[]): Float64Array {
  const products = new Float64Array(others.length);
  for (let from = 0; from < others.length; from += 4) {
    const first = others[from] as Float64Array;
    const [second = first, third = first, fourth = first] = others.slice(from + 1, from + 4);
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let index = 0; index < vector.length; index++) {
      const value = vector[index] as number;
      a += value * (first[index] as number);
      b += value * (second[index] as number);
      c += value * (third[index] as number);
      d += value * (fourth[index] as number);
    }
    // What lies beyond the last of the others is not kept.
    products[from] = a;
    products[from + 1] = b;
    products[from + 2] = c;
    products[from + 3] = d;
  }
  return products;
}

/** Adds each vector times its weight, four at once as in {@link dots}. */
export function addWeighted(
  sum: Float64Array,
  vectors: readonly Float64Array[],
  weights: ArrayLike<number>,
): void {
  for (let from = 0; from < vectors.length; from += 4) {
    const first = vectors[from] as Float64Array;
    const [second = first, third = first, fourth = first] = vectors.slice(from + 1, from + 4);
    const weight = (index: number) => (index < vectors.length ? (weights[index] as number) : 0);
    const [a, b, c, d] = [weight(from), weight(from + 1), weight(from + 2), weight(from + 3)];
    for (let index = 0; index < sum.length; index++) {
      const pair = a * (first[index] as number) + b * (second[index] as number);
      const other = c * (third[index] as number) + d * (fourth[index] as number);
      sum[index] = (sum[index] as number) + (pair + other);
    }
  }
}
