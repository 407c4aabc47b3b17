import type { ImageGeometry } from './geometry.js';
import type { ProcessorConfig } from './processor-config.js';
import type { Window } from './resample/resample.js';

/** What the model is given: float32, `[3, H, W]`, rescaled and normalised. */
export interface PixelValues {
  readonly data: Float32Array<ArrayBuffer>;
  readonly dims: readonly [3, number, number];
}

/**
 * The pixel value of every sample, `[3, 256]`.
 *
 * The reference rescales in double precision, rounds to single, and normalises in single precision. A single-precision
 * difference or quotient is the double-precision one rounded, so this gives the same bits.
 */
export function pixelValueTable({ rescaleFactor, normalize }: ProcessorConfig): Float32Array {
  const { fround } = Math;
  const table = new Float32Array(3 * 256);
  for (let channel = 0; channel < 3; channel += 1) {
    const mean = fround(normalize?.mean[channel] ?? 0);
    const std = fround(normalize?.std[channel] ?? 1);
    for (let sample = 0; sample < 256; sample += 1) {
      const rescaled = fround(sample * (rescaleFactor ?? 1));
      table[channel * 256 + sample] = normalize === undefined ? rescaled : fround(rescaled - mean) / std;
    }
  }
  return table;
}

/** The part of the resized image that the input shows. */
export function visibleWindow({ resized, offset, input }: ImageGeometry): Window {
  const left = Math.max(0, -offset.left);
  const top = Math.max(0, -offset.top);
  return {
    left,
    top,
    width: Math.min(resized.width, input.width - offset.left) - left,
    height: Math.min(resized.height, input.height - offset.top) - top,
  };
}

/** Puts the visible part where it belongs in the input, black around it: RGB, `[H, W, 3]`. */
export function pad(
  visible: Uint8Array<ArrayBuffer>,
  window: Window,
  { offset, input }: ImageGeometry,
): Uint8Array<ArrayBuffer> {
  if (window.width === input.width && window.height === input.height) return visible;
  const padded = new Uint8Array(input.width * input.height * 3);
  const left = Math.max(0, offset.left);
  const top = Math.max(0, offset.top);
  for (let row = 0; row < window.height; row += 1) {
    const from = row * window.width * 3;
    const part = visible.subarray(from, from + window.width * 3);
    padded.set(part, ((top + row) * input.width + left) * 3);
  }
  return padded;
}

/** Rescales and normalises RGB samples `[H, W, 3]`. */
export function toPixelValues(
  rgb: Uint8Array,
  { width, height }: ImageGeometry['input'],
  table: Float32Array,
): PixelValues {
  const pixels = width * height;
  const data = new Float32Array(pixels * 3);
  for (let pixel = 0, from = 0; pixel < pixels; pixel += 1, from += 3) {
    data[pixel] = table[rgb[from] ?? 0] ?? 0;
    data[pixels + pixel] = table[256 + (rgb[from + 1] ?? 0)] ?? 0;
    data[2 * pixels + pixel] = table[512 + (rgb[from + 2] ?? 0)] ?? 0;
  }
  return { data, dims: [3, height, width] };
}
