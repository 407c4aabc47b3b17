import { symmetricEigenvectors } from './symmetric-eigenvectors.js';
import { addWeighted, dot, dots } from './vector-products.js';

/** Multiplies a symmetric matrix without negative eigenvalues with each of some vectors. */
export type SymmetricOperator = (vectors: readonly Float64Array[]) => readonly Float64Array[];

interface Eigenpair {
  readonly value: number;
  /** Of length 1. */
  readonly vector: Float64Array;
  /** The matrix times the vector. */
  readonly image: Float64Array;
}

/** An eigenpair is found when `|matrix * vector - value * vector|` is at most this part of the largest eigenvalue. */
const tolerance = 1e-11;
/** More directions than are asked for: the gap to the first one that is not looked for decides how fast it goes. */
const guards = 2;
/** So many blocks are searched at once; then the best of them are kept. */
const widestSearch = 8;
/** Bounds the time where rounding keeps a residual above the tolerance; some dozens of steps are usual. */
const mostSteps = 2000;

/**
 * The largest eigenvalues of a symmetric matrix and their vectors, in descending order, by a block Krylov search that is
 * restarted with its best vectors. Starts from fixed vectors: the same matrix gives the same answer, bit by bit.
 *
 * @param size rows of the matrix
 * @param count how many eigenpairs; at most `size` are given
 */
export function leadingEigenvectors(apply: SymmetricOperator, size: number, count: number): Eigenpair[] {
  const wanted = Math.min(count, size);
  const block = Math.min(wanted + guards, size);
  const widest = Math.min(block * widestSearch, size);
  const basis: Float64Array[] = [];
  const images: Float64Array[] = [];
  append(basis, images, apply, startVectors(size, block));
  for (let step = 1; ; step++) {
    const pairs = ritzPairs(basis, images, Math.min(2 * block, basis.length));
    const bound = tolerance * (pairs[0]?.value ?? 0);
    const residuals = pairs.slice(0, block).map(residual);
    const isFound = residuals.slice(0, wanted).every((vector) => norm(vector) <= bound);
    if (isFound || basis.length === size || step === mostSteps) return pairs.slice(0, wanted);
    if (basis.length + block > widest && widest < size) {
      basis.splice(0, basis.length, ...pairs.map(({ vector }) => vector));
      images.splice(0, images.length, ...pairs.map(({ image }) => image));
    }
    const open = residuals.filter((vector) => norm(vector) > bound);
    append(basis, images, apply, open);
  }
}

/** Adds what the vectors have beside the basis to it. */
function append(
  basis: Float64Array[],
  images: Float64Array[],
  apply: SymmetricOperator,
  vectors: readonly Float64Array[],
): void {
  const before = basis.length;
  for (const vector of vectors) {
    const scale = norm(vector);
    // Twice is enough: the first pass may leave rounding errors as large as what is left of the vector.
    for (let pass = 0; pass < 2; pass++) {
      addWeighted(
        vector,
        basis,
        dots(vector, basis).map((share) => -share),
      );
    }
    const left = norm(vector);
    if (left <= scale * 1e-10 || basis.length === vector.length) continue;
    basis.push(vector.map((value) => value / left));
  }
  images.push(...apply(basis.slice(before)));
}

/** The best approximations of eigenpairs within the basis. */
function ritzPairs(
  basis: readonly Float64Array[],
  images: readonly Float64Array[],
  count: number,
): Eigenpair[] {
  const size = basis.length;
  const projected = new Float64Array(size * size);
  for (const [row, vector] of basis.entries()) {
    for (const [index, product] of dots(vector, images.slice(row)).entries()) {
      const column = row + index;
      projected[row * size + column] = product;
      projected[column * size + row] = product;
    }
  }
  const { values, vectors } = symmetricEigenvectors(projected, size);
  return vectors.slice(0, count).map((weights, index) => ({
    value: values[index] as number,
    vector: combine(basis, weights),
    image: combine(images, weights),
  }));
}

function residual({ value, vector, image }: Eigenpair): Float64Array {
  return image.map((target, index) => target - value * (vector[index] as number));
}

function combine(vectors: readonly Float64Array[], weights: Float64Array): Float64Array {
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  addWeighted(sum, vectors, weights);
  return sum;
}

const norm = (vector: Float64Array): number => Math.sqrt(dot(vector, vector));

/** Without a pattern, so that no eigenvector is orthogonal to all of them: a linear congruential generator's numbers. */
function startVectors(size: number, count: number): Float64Array[] {
  let state = 1;
  return Array.from({ length: count }, () =>
    Float64Array.from({ length: size }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 31 - 1;
    }),
  );
}
