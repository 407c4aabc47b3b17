/** Numbers in rows, row after row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** `input [R, I]` times the transpose of `weight [O, I]`, plus `bias [O]`: `[R, O]`. */
export function affine(input: Matrix, weight: Float64Array, bias: Float64Array): Matrix {
  const columns = bias.length;
  const data = new Float64Array(input.rows * columns);
  for (let row = 0; row < input.rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      let sum = at(bias, column);
      for (let index = 0; index < input.columns; index += 1) {
        sum += at(input.data, row * input.columns + index) * at(weight, column * input.columns + index);
      }
      data[row * columns + column] = sum;
    }
  }
  return { rows: input.rows, columns, data };
}

/** Sum of two matrices of the same shape. */
export function plus(left: Matrix, right: Matrix): Matrix {
  return { ...left, data: left.data.map((value, index) => value + at(right.data, index)) };
}

/** Each row brought to mean 0 and variance 1 (biased, plus epsilon), then scaled and shifted. */
export function layerNorm(input: Matrix, scale: Float64Array, shift: Float64Array, epsilon: number): Matrix {
  const data = new Float64Array(input.data.length);
  for (let row = 0; row < input.rows; row += 1) {
    const values = input.data.subarray(row * input.columns, (row + 1) * input.columns);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    data.set(
      values.map(
        (value, index) =>
          ((value - mean) / Math.sqrt(variance + epsilon)) * at(scale, index) + at(shift, index),
      ),
      row * input.columns,
    );
  }
  return { ...input, data };
}

/** Exponentials that sum to 1. */
export function softmaxRow(scores: Float64Array): Float64Array {
  const largest = scores.reduce((left, right) => Math.max(left, right), Number.NEGATIVE_INFINITY);
  const exponentials = scores.map((score) => Math.exp(score - largest));
  const sum = exponentials.reduce((left, right) => left + right, 0);
  return exponentials.map((value) => value / sum);
}

/**
 * The error function to float64 accuracy: its Taylor series near zero (Abramowitz and Stegun 7.1.6), the continued
 * fraction of its complement farther out (7.1.14).
 */
export function errorFunction(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (size > 6) return Math.sign(x);
  const gaussian = Math.exp(-x * x);
  if (size < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n += 1) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return (2 / Math.sqrt(Math.PI)) * gaussian * sum;
  }
  let fraction = size;
  for (let n = 60; n >= 1; n -= 1) fraction = size + n / 2 / fraction;
  return Math.sign(x) * (1 - gaussian / (Math.sqrt(Math.PI) * fraction));
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? Number.NaN;
}
