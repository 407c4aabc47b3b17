import type { ResampleFilter } from '../processor-config.js';
import { filters } from './filters.js';
import type { Span } from './pixel-image.js';

/** The fixed-point weights of some neighbouring output columns (or rows). */
export interface Weights {
  /** For every output column the first source column that it reads. */
  readonly first: Int32Array;
  /** How many source columns every output column reads. */
  readonly count: Int32Array;
  /** `taps` weights for every output column, in units of 2^-22; those beyond its count are zero. */
  readonly values: Int32Array;
  /** The largest count. */
  readonly taps: number;
}

/** One weight of 1, in fixed point: 32 bits less 8 for the sample and 2 for the sum. */
const one = 1 << 22;

/**
 * The weights that resize `sourceLength` columns to `targetLength`, for output columns `from` to `to` (exclusive) only.
 *
 * As Pillow's precompute_coeffs and normalize_coeffs_8bpc (libImaging/Resample.c), in double precision.
 */
export function resampleWeights(
  sourceLength: number,
  targetLength: number,
  filter: ResampleFilter,
  from: number,
  to: number,
): Weights {
  const { support: halfWidth, at } = filters[filter];
  const scale = sourceLength / targetLength;
  const filterScale = Math.max(scale, 1);
  const support = halfWidth * filterScale;
  const inverse = 1 / filterScale;
  const length = to - from;
  const room = Math.min(Math.ceil(support) * 2 + 1, sourceLength);
  const first = new Int32Array(length);
  const count = new Int32Array(length);
  const values = new Int32Array(length * room);
  const weights = new Float64Array(room);
  for (let index = 0; index < length; index += 1) {
    const center = (from + index + 0.5) * scale;
    const low = Math.max(Math.trunc(center - support + 0.5), 0);
    const high = Math.min(Math.trunc(center + support + 0.5), sourceLength);
    const taps = high - low;
    let sum = 0;
    for (let tap = 0; tap < taps; tap += 1) {
      const weight = at((tap + low - center + 0.5) * inverse);
      weights[tap] = weight;
      sum += weight;
    }
    for (let tap = 0; tap < taps; tap += 1) {
      const weight = (weights[tap] ?? 0) / (sum === 0 ? 1 : sum);
      values[index * room + tap] = Math.trunc(weight * one + (weight < 0 ? -0.5 : 0.5));
    }
    first[index] = low;
    count[index] = taps;
  }
  return { first, count, values, taps: room };
}

/** The source columns that these weights read: from the first to the end (exclusive). */
export function reach({ first, count }: Weights): Span {
  const last = first.length - 1;
  return { from: first[0] ?? 0, to: (first[last] ?? 0) + (count[last] ?? 0) };
}

const lowBits = 15;
const lowMask = (1 << lowBits) - 1;

/** The low halves (`half` 0) or high halves (1) of two neighbouring weights, in one word as the kernel reads them. */
function pack(weights: Weights, index: number, tap: number, half: 0 | 1): number {
  const part = (offset: number): number => {
    if (tap + offset >= weights.taps) return 0;
    const value = weights.values[index * weights.taps + tap + offset] ?? 0;
    return half === 0 ? value & lowMask : value >> lowBits;
  };
  return (part(0) & 0xffff) | (part(1) << 16);
}

/** The weight table of the kernel's horizontal pass: groups of four taps. */
export function horizontalTable(weights: Weights): { words: Int32Array; groups: number } {
  const groups = Math.ceil(weights.taps / 4);
  const words = new Int32Array(weights.first.length * groups * 4);
  for (let index = 0, word = 0; index < weights.first.length; index += 1) {
    for (let tap = 0; tap < groups * 4; tap += 4, word += 4) {
      words[word] = pack(weights, index, tap, 0);
      words[word + 1] = pack(weights, index, tap + 2, 0);
      words[word + 2] = pack(weights, index, tap, 1);
      words[word + 3] = pack(weights, index, tap + 2, 1);
    }
  }
  return { words, groups };
}

/** The weight table of the kernel's vertical pass: groups of two taps. */
export function verticalTable(weights: Weights): { words: Int32Array; groups: number } {
  const groups = Math.ceil(weights.taps / 2);
  const words = new Int32Array(weights.first.length * groups * 2);
  for (let index = 0, word = 0; index < weights.first.length; index += 1) {
    for (let tap = 0; tap < groups * 2; tap += 2, word += 2) {
      words[word] = pack(weights, index, tap, 0);
      words[word + 1] = pack(weights, index, tap, 1);
    }
  }
  return { words, groups };
}
