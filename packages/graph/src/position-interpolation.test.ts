import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpolatePositions } from './position-interpolation.js';
import { randomTensor } from './testing/random-tensor.js';

const side = 5;
const width = 3;
const table = randomTensor([1 + side * side, width]).data;
const grids = fc.record({ rows: fc.integer({ min: 1, max: 12 }), columns: fc.integer({ min: 1, max: 12 }) });

/** Agreement with the reference at other sizes is tested through the golden outputs; here is what must hold for all sizes. */
describe('interpolated position embeddings', () => {
  it('are the table itself at its own size', () => {
    expect(interpolatePositions(table, width, { rows: side, columns: side })).toEqual(table);
  });

  it('have one row a patch after the untouched CLS row', () => {
    fc.assert(
      fc.property(grids, (grid) => {
        const result = interpolatePositions(table, width, grid);
        expect(result.length).toBe((1 + grid.rows * grid.columns) * width);
        expect(result.subarray(0, width)).toEqual(table.subarray(0, width));
      }),
    );
  });

  it('keep a constant', () => {
    fc.assert(
      fc.property(grids, (grid) => {
        const result = interpolatePositions(new Float32Array(table.length).fill(0.75), width, grid);
        for (const value of result) expect(Math.abs(value - 0.75)).toBeLessThan(1e-6);
      }),
    );
  });

  it('are turned on their side when table and grid are', () => {
    fc.assert(
      fc.property(grids, ({ rows, columns }) => {
        const turned = interpolatePositions(transpose(table, side, side), width, {
          rows: columns,
          columns: rows,
        });
        const straight = transpose(interpolatePositions(table, width, { rows, columns }), rows, columns);
        straight.forEach((value, index) => {
          expect(Math.abs(value - (turned[index] ?? Number.NaN))).toBeLessThan(1e-5);
        });
      }),
    );
  });

  it("spread one row by PyTorch's cubic weights for twice the size", () => {
    const impulse = new Float32Array(1 + 64).map((_, index) => (Math.floor((index - 1) / 8) === 4 ? 1 : 0));
    const result = interpolatePositions(impulse, 1, { rows: 16, columns: 8 });
    const spread = Array.from({ length: 16 }, (_, row) => result[1 + row * 8]);
    const [far, outer, inner, near] = [-0.03515625, -0.10546875, 0.26171875, 0.87890625];
    expect(spread).toEqual([0, 0, 0, 0, 0, far, outer, inner, near, near, inner, outer, far, 0, 0, 0]);
  });
});

function transpose(positions: Float32Array, rows: number, columns: number): Float32Array {
  const result = positions.slice();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = (1 + row * columns + column) * width;
      result.set(positions.subarray(from, from + width), (1 + column * rows + row) * width);
    }
  }
  return result;
}
