/**
 * The two passes of Pillow's 8-bit resampler, in AssemblyScript with WebAssembly SIMD.
 *
 * A pass computes, for every sample, `clip8((2^21 + sum(pixel * k)) >> 22)` with 23-bit fixed-point weights k. No SIMD
 * instruction multiplies 8-bit by 23-bit numbers, but `dot_i16x8` multiplies and adds pairs of 16-bit ones. So every
 * weight is split as `k = high * 2^15 + low` with `0 <= low < 2^15`, both halves are summed apart, and joined at the
 * end. The sums may wrap around 2^32 on the way: the true result fits in 32 bits, so the joined one is right.
 *
 * A weight table holds, for every output column or row, the same number of groups. One 32-bit word is two neighbouring
 * weights as 16-bit halves. Unused weights are zero, so a pass may read pixels beyond the last tap: the caller leaves
 * room for that behind its buffers. `src/resample/weights.ts` makes the tables.
 */

/** `clip8(((high << 15) + low + 2^21) >> 22)` in four 32-bit lanes. */
function join(low: v128, high: v128): v128 {
  const sum = i32x4.add(i32x4.shl(high, 15), low);
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(1 << 21)), 22);
}

/**
 * Resamples rows of RGB pixels horizontally, three bytes a pixel.
 *
 * @param starts for every output column the byte offset of its first tap within a row
 * @param weights for every output column `groups` groups of four taps: low 0-1, low 2-3, high 0-1, high 2-3
 */
export function horizontal(
  source: usize,
  sourceStride: usize,
  target: usize,
  targetStride: usize,
  rows: i32,
  columns: i32,
  starts: usize,
  weights: usize,
  groups: i32,
): void {
  const zero = i32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    const samples = source + <usize>row * sourceStride;
    let out = target + <usize>row * targetStride;
    let weight = weights;
    let start = starts;
    for (let column = 0; column < columns; column++) {
      let pixel = samples + <usize>load<u32>(start);
      let low = zero;
      let high = zero;
      for (let group = 0; group < groups; group++) {
        const four = v128.load(pixel);
        // r0 r1 g0 g1 b0 b1 0 0 | r2 r3 g2 g3 b2 b3 0 0
        const pairs = i8x16.shuffle(four, zero, 0, 3, 1, 4, 2, 5, 16, 16, 6, 9, 7, 10, 8, 11, 16, 16);
        const first = i16x8.extend_low_i8x16_u(pairs);
        const second = i16x8.extend_high_i8x16_u(pairs);
        low = i32x4.add(low, i32x4.dot_i16x8_s(first, v128.load32_splat(weight)));
        low = i32x4.add(low, i32x4.dot_i16x8_s(second, v128.load32_splat(weight, 4)));
        high = i32x4.add(high, i32x4.dot_i16x8_s(first, v128.load32_splat(weight, 8)));
        high = i32x4.add(high, i32x4.dot_i16x8_s(second, v128.load32_splat(weight, 12)));
        pixel += 12;
        weight += 16;
      }
      const words = i16x8.narrow_i32x4_s(join(low, high), zero);
      // Four bytes for a three-byte pixel: the next pixel overwrites the last one.
      store<i32>(out, i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0));
      out += 3;
      start += 4;
    }
  }
}

/**
 * Resamples rows of samples vertically, sixteen samples at a time.
 *
 * @param stride bytes from row to row, of source and target alike: a multiple of 16
 * @param starts for every output row the byte offset of its first tap
 * @param weights for every output row `groups` groups of two taps: low 0-1, high 0-1
 */
export function vertical(
  source: usize,
  stride: usize,
  target: usize,
  rows: i32,
  starts: usize,
  weights: usize,
  groups: i32,
): void {
  for (let row = 0; row < rows; row++) {
    const first = source + <usize>load<u32>(starts + ((<usize>row) << 2));
    const out = target + <usize>row * stride;
    const rowWeights = weights + ((<usize>row * groups) << 3);
    for (let offset: usize = 0; offset < stride; offset += 16) {
      let low0 = i32x4.splat(0);
      let low1 = low0;
      let low2 = low0;
      let low3 = low0;
      let high0 = low0;
      let high1 = low0;
      let high2 = low0;
      let high3 = low0;
      let sample = first + offset;
      let weight = rowWeights;
      for (let group = 0; group < groups; group++) {
        const upper = v128.load(sample);
        const lower = v128.load(sample + stride);
        const left = i8x16.shuffle(upper, lower, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        const right = i8x16.shuffle(
          upper,
          lower,
          8,
          24,
          9,
          25,
          10,
          26,
          11,
          27,
          12,
          28,
          13,
          29,
          14,
          30,
          15,
          31,
        );
        const pairs0 = i16x8.extend_low_i8x16_u(left);
        const pairs1 = i16x8.extend_high_i8x16_u(left);
        const pairs2 = i16x8.extend_low_i8x16_u(right);
        const pairs3 = i16x8.extend_high_i8x16_u(right);
        const lowPart = v128.load32_splat(weight);
        const highPart = v128.load32_splat(weight, 4);
        low0 = i32x4.add(low0, i32x4.dot_i16x8_s(pairs0, lowPart));
        low1 = i32x4.add(low1, i32x4.dot_i16x8_s(pairs1, lowPart));
        low2 = i32x4.add(low2, i32x4.dot_i16x8_s(pairs2, lowPart));
        low3 = i32x4.add(low3, i32x4.dot_i16x8_s(pairs3, lowPart));
        high0 = i32x4.add(high0, i32x4.dot_i16x8_s(pairs0, highPart));
        high1 = i32x4.add(high1, i32x4.dot_i16x8_s(pairs1, highPart));
        high2 = i32x4.add(high2, i32x4.dot_i16x8_s(pairs2, highPart));
        high3 = i32x4.add(high3, i32x4.dot_i16x8_s(pairs3, highPart));
        sample += stride << 1;
        weight += 8;
      }
      const words0 = i16x8.narrow_i32x4_s(join(low0, high0), join(low1, high1));
      const words1 = i16x8.narrow_i32x4_s(join(low2, high2), join(low3, high3));
      v128.store(out + offset, i8x16.narrow_i16x8_u(words0, words1));
    }
  }
}
