/** How many bits int8 weights use. With 7, products of two neighbours never leave 16 bits, which processors without VNNI add them up in. */
export type WeightBits = 7 | 8;

/** A part of a matrix `[out, in]`, as whole numbers. */
export interface QuantizedRows {
  /** Int8, transposed: `[in, rows]`. */
  readonly values: Int8Array;
  /** What a row's whole numbers are to be multiplied by. */
  readonly scales: Float32Array;
}

/**
 * Brings each row of a float32 matrix `[rows, columns]` to whole numbers of its own scale, symmetric about 0: the row's largest number
 * becomes 127 with 8 bits, 63 with 7. A row of zeros has the scale 1.
 * @throws RangeError when a number is not finite
 */
export function quantizeRows(matrix: Float32Array, columns: number, bits: WeightBits): QuantizedRows {
  const rows = matrix.length / columns;
  const largest = 2 ** (bits - 1) - 1;
  const values = new Int8Array(matrix.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const begin = row * columns;
    let peak = 0;
    for (let index = begin; index < begin + columns; index++) {
      const size = Math.abs(matrix[index] ?? 0);
      // Also true for NaN.
      if (!(size <= Number.MAX_VALUE)) throw new RangeError(`row ${row} holds a number that is not finite`);
      if (size > peak) peak = size;
    }
    // Rounded to float32 first, since that is what the numbers will be multiplied by.
    scales[row] = peak / largest;
    if (!(scales[row] ?? 0)) scales[row] = 1;
    const scale = scales[row] ?? 1;
    for (let column = 0; column < columns; column++) {
      const rounded = Math.round((matrix[begin + column] ?? 0) / scale);
      values[column * rows + row] = Math.max(-largest, Math.min(largest, rounded));
    }
  }
  return { values, scales };
}
