import { WebsslError } from '@webssl/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { principalComponents } from './principal-components.js';

/** Whole numbers from 0 to 4095 that any language can make again: the upper bits of a linear congruential generator. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 20;
  });
}

function row(matrix: Float64Array, index: number, columns: number): number[] {
  return [...matrix.subarray(index * columns, (index + 1) * columns)];
}

const product = (left: readonly number[], right: readonly number[]) =>
  left.reduce((sum, value, index) => sum + value * (right[index] ?? Number.NaN), 0);

function expectClose(actual: readonly number[], expected: readonly number[], relative: number) {
  expect(actual).toHaveLength(expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  for (const [index, value] of expected.entries()) {
    expect(Math.abs((actual[index] ?? Number.NaN) - value)).toBeLessThanOrEqual(relative * scale);
  }
}

describe('against numpy', () => {
  // numpy 2.4.6, float64: X of the same generator; C = X - X.mean(0); U, S, V = numpy.linalg.svd(C, full_matrices=False);
  // each row of V turned so that its largest entry is positive; S**2 / (rows - 1); (C @ V.T)[-1].
  it.each([
    {
      rows: 5,
      columns: 3,
      seed: 1,
      variances: [1771688.125721853, 1001565.1519598281, 80912.02231831956],
      total: 2854165.3,
      first: [0.17753566052228573, 0.8720179895567947, -0.45614220932976796],
      last: [1655.9383105421539, -546.3630887881379, 270.74867846156314],
    },
    {
      rows: 3,
      columns: 5,
      seed: 2,
      variances: [2632247.2495269924, 852546.7504730079],
      total: 3484794.0,
      first: [0.7516574280841237, -0.3562865513168331, 0.37605621830759034, 0.2007208082288812],
      last: [1865.860401895512, -95.61708688819509],
    },
    {
      rows: 40,
      columns: 90,
      seed: 3,
      variances: [7704975.369007907, 7475834.940328667, 6717093.716186947],
      total: 124171760.28910255,
      first: [-0.03207288542766422, -0.08877816412671995, 0.04485994172255415, 0.015390254310497793],
      last: [888.2372188863945, 539.5309709274546, 261.259023503084],
    },
    {
      rows: 90,
      columns: 40,
      seed: 4,
      variances: [3621567.6990763787, 3455945.8194281464, 3273931.8697483866],
      total: 55130318.95630462,
      first: [0.22172028493938342, -0.16669379407293894, -0.17114167534428926, -0.20711615700021468],
      last: [881.6220379062455, 721.4905862233645, 456.1066006038068],
    },
    {
      rows: 300,
      columns: 600,
      seed: 5,
      variances: [7873647.414728351, 7779832.649631865, 7678496.984185993],
      total: 837004068.4939466,
      first: [0.06802991254483097, -0.01165568614203429, 0.016719068781856382, -0.021606385597670315],
      last: [-3855.4661973959833, -963.3199422394721, -1080.3295401351118],
    },
  ])('$rows rows of $columns', ({ rows, columns, seed, variances, total, first, last }) => {
    const count = variances.length;
    const values = numbers(rows * columns, seed);
    const found = principalComponents(values, { rows, columns, count });
    expectClose([...found.variances], variances, 1e-11);
    expectClose([found.totalVariance], [total], 1e-12);
    // Noise has close eigenvalues: their directions are the worst determined ones that there are.
    expectClose(row(found.components, 0, columns).slice(0, first.length), first, 1e-8);
    expectClose(row(found.projections, rows - 1, count), last, 1e-8);
  });
});

describe('of known structure', () => {
  /** Orthonormal cosines without a mean, as rows of the cosine transform are. */
  const wave = (length: number, frequency: number) =>
    Float64Array.from(
      { length },
      (_, index) => Math.sqrt(2 / length) * Math.cos((Math.PI * frequency * (index + 0.5)) / length),
    );

  it.each([
    [600, 700],
    [700, 530],
    [64, 48],
    [30, 900],
  ])('finds the waves that %i rows of %i are made of', (rows, columns) => {
    const strengths = [50, 20, 19, 3];
    const parts = strengths.map((strength, index) => ({
      strength,
      across: wave(rows, index + 1),
      direction: wave(columns, 2 * index + 1),
    }));
    const values = new Float64Array(rows * columns);
    for (const { strength, across, direction } of parts) {
      for (let index = 0; index < values.length; index++) {
        const [at, column] = [Math.floor(index / columns), index % columns];
        values[index] =
          (values[index] ?? 0) + strength * (across[at] ?? 0) * (direction[column] ?? 0) + (column % 7) / 4;
      }
    }
    const { components, variances, totalVariance } = principalComponents(values, { rows, columns, count: 3 });
    expectClose(
      [...variances],
      [2500, 400, 361].map((power) => power / (rows - 1)),
      1e-10,
    );
    expectClose([totalVariance], [(2500 + 400 + 361 + 9) / (rows - 1)], 1e-10);
    for (const [index, { direction }] of parts.slice(0, 3).entries()) {
      const cosine = product([...direction], row(components, index, columns));
      expect(Math.abs(cosine)).toBeGreaterThan(1 - 1e-10);
    }
  });

  it('finds equal variances: the corners of a cube have no preferred direction', () => {
    const corners = Array.from({ length: 8 }, (_, corner) => [corner & 1, (corner >> 1) & 1, corner >> 2]);
    const found = principalComponents(corners.flat(), { rows: 8, columns: 3, count: 3 });
    // Each coordinate is 0 or 1, half of the time each: 8 * 0.25 / 7.
    expectClose([...found.variances], [2 / 7, 2 / 7, 2 / 7], 1e-14);
  });

  it('turns each direction so that its largest entry is positive', () => {
    const falling = principalComponents([0, 0, -1, -3, -2, -6], { rows: 3, columns: 2, count: 1 });
    expectClose([...falling.components], [1 / Math.sqrt(10), 3 / Math.sqrt(10)], 1e-14);
    expectClose([...falling.projections], [Math.sqrt(10), 0, -Math.sqrt(10)], 1e-14);
  });
});

describe('always', () => {
  const matrix = fc
    .tuple(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 12 }))
    .chain(([rows, columns]) =>
      fc.record({
        rows: fc.constant(rows),
        columns: fc.constant(columns),
        values: fc.array(fc.integer({ min: -100, max: 100 }), {
          minLength: rows * columns,
          maxLength: rows * columns,
        }),
      }),
    );

  it('all components together give the rows back, and are orthonormal', () => {
    fc.assert(
      fc.property(matrix, ({ rows, columns, values }) => {
        const count = Math.min(rows, columns);
        const { components, projections, variances } = principalComponents(values, { rows, columns, count });
        const directions = Array.from({ length: count }, (_, index) => row(components, index, columns));
        for (const [index, direction] of directions.entries()) {
          for (const [other, second] of directions.entries()) {
            const expected = index === other && (variances[index] ?? 0) > 0 ? 1 : 0;
            expect(product(direction, second)).toBeCloseTo(expected, 6);
          }
        }
        expect([...variances]).toEqual([...variances].sort((a, b) => b - a));
        for (let index = 0; index < values.length; index++) {
          const [at, column] = [Math.floor(index / columns), index % columns];
          let mean = 0;
          for (let other = column; other < values.length; other += columns) {
            mean += (values[other] ?? 0) / rows;
          }
          const rebuilt = product(
            row(projections, at, count),
            directions.map((direction) => direction[column] ?? Number.NaN),
          );
          expect(mean + rebuilt).toBeCloseTo(values[index] ?? Number.NaN, 4);
        }
      }),
    );
  });

  it('the same values give the same bits', () => {
    const values = numbers(60 * 80, 9);
    const again = () => principalComponents(values, { rows: 60, columns: 80, count: 3 });
    expect(again()).toEqual(again());
  });
});

describe('without variance', () => {
  it('is zeros where all rows are alike, also for values that have no exact mean', () => {
    const values = new Float32Array(7 * 5).fill(0.1);
    const found = principalComponents(values, { rows: 7, columns: 5, count: 3 });
    expect([...found.components, ...found.projections, ...found.variances]).toEqual(
      new Array(15 + 21 + 3).fill(0),
    );
    expect(found.totalVariance).toBe(0);
  });

  it('is zeros for one row, and for components beyond what the rows span', () => {
    expect([...principalComponents([3, 4], { rows: 1, columns: 2, count: 1 }).variances]).toEqual([0]);
    const line = principalComponents([1, 1, 2, 2, 3, 3, 4, 4], { rows: 4, columns: 2, count: 3 });
    expectClose([...line.variances], [10 / 3, 0, 0], 1e-14);
    expect(row(line.components, 1, 2)).toEqual([0, 0]);
  });
});

describe('refuses', () => {
  const refusal = (action: () => unknown) => {
    try {
      action();
    } catch (error) {
      return WebsslError.isInstance(error) ? [error.code, error.message] : error;
    }
    return undefined;
  };

  it('NaN and infinity, saying where', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(refusal(() => principalComponents([1, 2, 3, value], { rows: 2, columns: 2, count: 1 }))).toEqual(
        [
          'METRICS_VALUES_NOT_FINITE',
          `The value in row 1, column 1 is ${value}: only finite values have principal components.`,
        ],
      );
    }
  });

  it('values that are no such matrix', () => {
    for (const shape of [
      { rows: 2, columns: 2, count: 1 },
      { rows: 0, columns: 3, count: 1 },
      { rows: 1, columns: 3, count: 0 },
      { rows: 1.5, columns: 2, count: 1 },
    ]) {
      const [code] = (refusal(() => principalComponents([1, 2, 3], shape)) as string[] | undefined) ?? [];
      expect(code).toBe('METRICS_SHAPE_MISMATCH');
    }
  });
});
