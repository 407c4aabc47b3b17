/** Eigenvalues in descending order, and the eigenvector of each. */
export interface SymmetricEigenvectors {
  readonly values: Float64Array;
  /** One orthonormal vector an eigenvalue, in the same order. */
  readonly vectors: readonly Float64Array[];
}

/** Convergence is quadratic: matrices of some dozens of rows need 6 to 8 sweeps. */
const mostSweeps = 60;

/**
 * All eigenvectors of a small symmetric matrix, by Jacobi's rotations: exact to rounding for repeated eigenvalues too.
 *
 * @param matrix `size` rows of `size` values; it is overwritten
 */
export function symmetricEigenvectors(matrix: Float64Array, size: number): SymmetricEigenvectors {
  const rotated = new Float64Array(size * size);
  for (let index = 0; index < size; index++) rotated[index * size + index] = 1;
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let isDiagonal = true;
    for (let first = 0; first < size - 1; first++) {
      for (let second = first + 1; second < size; second++) {
        if (rotate(matrix, rotated, size, first, second)) isDiagonal = false;
      }
    }
    if (isDiagonal) break;
  }
  const value = (index: number) => matrix[index * size + index] as number;
  const order = Array.from({ length: size }, (_, index) => index).sort(
    (a, b) => value(b) - value(a) || a - b,
  );
  return {
    values: Float64Array.from(order, value),
    vectors: order.map((row) => rotated.slice(row * size, (row + 1) * size)),
  };
}

/** Makes one value beside the diagonal zero, unless it is too small to change the diagonal; says whether it did. */
function rotate(matrix: Float64Array, vectors: Float64Array, size: number, p: number, q: number): boolean {
  const off = matrix[p * size + q] as number;
  const [atP, atQ] = [matrix[p * size + p] as number, matrix[q * size + q] as number];
  if (Math.abs(off) <= Number.EPSILON * 1e-2 * Math.sqrt(Math.abs(atP * atQ)) || off === 0) {
    matrix[p * size + q] = 0;
    matrix[q * size + p] = 0;
    return false;
  }
  const ratio = (atQ - atP) / (2 * off);
  const tangent = (ratio >= 0 ? 1 : -1) / (Math.abs(ratio) + Math.hypot(ratio, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  for (let index = 0; index < size; index++) {
    turn(matrix, index * size + p, index * size + q, cosine, sine);
  }
  for (let index = 0; index < size; index++) {
    turn(matrix, p * size + index, q * size + index, cosine, sine);
    turn(vectors, p * size + index, q * size + index, cosine, sine);
  }
  return true;
}

function turn(values: Float64Array, at: number, other: number, cosine: number, sine: number): void {
  const [a, b] = [values[at] as number, values[other] as number];
  values[at] = cosine * a - sine * b;
  values[other] = sine * a + cosine * b;
}
