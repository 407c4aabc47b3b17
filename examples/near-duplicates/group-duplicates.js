/**
 * Puts vectors together whose cosine reaches a threshold, directly or over others in between.
 *
 * @param {readonly Float32Array[]} vectors of length 1
 * @param {number} threshold
 * @returns {{ members: number[], cosine: number }[]} groups of at least two: indices, and the lowest cosine of those
 *   that joined them; two members that others joined may be further apart
 */
export function groupDuplicates(vectors, threshold) {
  const parents = vectors.map((_, index) => index);
  const lowest = vectors.map(() => 1);

  /** @param {number} index */
  const rootOf = (index) => {
    let root = index;
    while (parents[root] !== root) root = parents[root] ?? root;
    return root;
  };

  vectors.forEach((vector, one) => {
    for (let other = 0; other < one; other++) {
      const cosine = product(vector, vectors[other] ?? vector);
      // Lengths are 1 to within float32: a photograph and itself may be at 0.9999999.
      if (cosine < threshold - 1e-6) continue;
      const [from, to] = [rootOf(one), rootOf(other)];
      if (from === to) continue;
      lowest[to] = Math.min(lowest[to] ?? 1, lowest[from] ?? 1, cosine);
      parents[from] = to;
    }
  });

  const groups = new Map();
  for (const index of vectors.keys()) {
    const root = rootOf(index);
    groups.set(root, [...(groups.get(root) ?? []), index]);
  }
  return [...groups]
    .filter(([, members]) => members.length > 1)
    .map(([root, members]) => ({ members, cosine: lowest[root] ?? 1 }));
}

/**
 * @param {Float32Array} left
 * @param {Float32Array} right
 */
function product(left, right) {
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += (left[index] ?? 0) * (right[index] ?? 0);
  return sum;
}
