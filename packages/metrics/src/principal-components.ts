import { WebsslError } from '@webssl/backend';
import type { Values } from './comparison.js';
import { leadingEigenvectors, type SymmetricOperator } from './leading-eigenvectors.js';
import { addWeighted, dot, dots } from './vector-products.js';

export interface PrincipalComponentsOptions {
  /** Observations, such as patch tokens. */
  readonly rows: number;
  /** Values of each, such as the model's width. */
  readonly columns: number;
  /** How many components are wanted. */
  readonly count: number;
}

export interface PrincipalComponents {
  /** `[count, columns]`, row-major: orthonormal directions, that of the largest variance first. */
  readonly components: Float64Array;
  /** `[rows, count]`, row-major: where each row, less the mean of all rows, lies along each direction. */
  readonly projections: Float64Array;
  /** `[count]`: variance along each direction, with the divisor `rows - 1`, in the square of the values' unit. */
  readonly variances: Float64Array;
  /** Of all columns together: `variances` over this are the shares that the components explain. */
  readonly totalVariance: number;
}

/** A variance below this part of the largest cannot be told from rounding: it comes from squares in float64. */
const leastShare = 1e-12;

/** Of 512 lines the product costs as much as some hundred uses of the lines themselves. */
const mostLinesMultipliedOut = 512;

/**
 * Principal components of the rows of a matrix, in float64. The same values give the same answer, bit by bit.
 *
 * Each direction points so that its entry of the largest magnitude (the first of equals) is positive. Where the rows
 * have no variance left, components, projections and variances are zeros.
 *
 * @param values `[rows, columns]`, row-major
 * @throws WebsslError `METRICS_SHAPE_MISMATCH` when the values are no such matrix or no component is wanted,
 *   `METRICS_VALUES_NOT_FINITE` when one is NaN or infinite
 */
export function principalComponents(
  values: Values,
  { rows, columns, count }: PrincipalComponentsOptions,
): PrincipalComponents {
  requireMatrix(values, rows, columns, count);
  const matrix = centredLines(values, rows, columns);
  const pairs = leadingEigenvectors(squareOf(matrix), matrix.length, count);
  const largest = pairs[0]?.value ?? 0;
  const kept = pairs.filter(({ value }) => value > 0 && value > largest * leastShare);

  const components = new Float64Array(count * columns);
  const projections = new Float64Array(rows * count);
  const variances = new Float64Array(count);
  for (const [index, { vector }] of kept.entries()) {
    const across = sumOfLines(matrix, vector);
    const direction = normalised(rows < columns ? across : vector);
    const along = rows < columns ? dots(direction, matrix) : sumOfLines(matrix, direction);
    components.set(direction, index * columns);
    for (const [row, position] of along.entries()) projections[row * count + index] = position;
    variances[index] = dot(along, along) / (rows - 1);
  }
  const power = matrix.reduce((sum, line) => sum + dot(line, line), 0);
  return { components, projections, variances, totalVariance: power / Math.max(1, rows - 1) };
}

function requireMatrix(values: Values, rows: number, columns: number, count: number): void {
  if (![rows, columns, count].every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw new WebsslError({
      code: 'METRICS_SHAPE_MISMATCH',
      message: `Rows, columns and count must be whole numbers above 0, not ${rows}, ${columns} and ${count}.`,
    });
  }
  if (values.length !== rows * columns) {
    throw new WebsslError({
      code: 'METRICS_SHAPE_MISMATCH',
      message: `${values.length} values are not ${rows} rows of ${columns}.`,
    });
  }
  for (let index = 0; index < values.length; index++) {
    if (Number.isFinite(values[index])) continue;
    throw new WebsslError({
      code: 'METRICS_VALUES_NOT_FINITE',
      message: `The value in row ${Math.floor(index / columns)}, column ${index % columns} is ${values[index]}: only finite values have principal components.`,
    });
  }
}

/**
 * The matrix less the mean of each column, as its rows or as its columns, whichever are fewer: the product of all with all
 * is then as small as can be. The first row is taken away before the mean: a constant column becomes exactly zero.
 */
function centredLines(values: Values, rows: number, columns: number): Float64Array[] {
  const means = new Float64Array(columns);
  for (let index = 0; index < values.length; index++) {
    const column = index % columns;
    means[column] =
      (means[column] as number) + ((values[index] as number) - (values[column] as number)) / rows;
  }
  const centred = (row: number, column: number) =>
    (values[row * columns + column] as number) - (values[column] as number) - (means[column] as number);
  return rows < columns
    ? lines(rows, columns, centred)
    : lines(columns, rows, (column, row) => centred(row, column));
}

function lines(
  count: number,
  length: number,
  value: (line: number, index: number) => number,
): Float64Array[] {
  return Array.from({ length: count }, (_, line) => {
    const filled = new Float64Array(length);
    for (let index = 0; index < length; index++) filled[index] = value(line, index);
    return filled;
  });
}

/** Lines times their transpose. Few lines are multiplied out once: each of the many uses is then cheap. */
function squareOf(lines: readonly Float64Array[]): SymmetricOperator {
  if (lines.length > mostLinesMultipliedOut) {
    return (vectors) => vectors.map((vector) => dots(sumOfLines(lines, vector), lines));
  }
  const square = lines.map(() => new Float64Array(lines.length));
  for (const [row, line] of lines.entries()) {
    for (const [index, product] of dots(line, lines.slice(row)).entries()) {
      (square[row] as Float64Array)[row + index] = product;
      (square[row + index] as Float64Array)[row] = product;
    }
  }
  return (vectors) => vectors.map((vector) => dots(vector, square));
}

function sumOfLines(lines: readonly Float64Array[], weights: Float64Array): Float64Array {
  const sum = new Float64Array(lines[0]?.length ?? 0);
  addWeighted(sum, lines, weights);
  return sum;
}

/** Of length 1, and with the sign that {@link principalComponents} promises. */
function normalised(vector: Float64Array): Float64Array {
  let strongest = 0;
  for (const value of vector) if (Math.abs(value) > Math.abs(strongest)) strongest = value;
  const length = Math.sqrt(dot(vector, vector)) * (strongest < 0 ? -1 : 1);
  return vector.map((value) => value / length);
}
