import type { ResampleFilter } from '../processor-config.js';
import { Kernel } from './kernel.js';
import { copyAsRgb, type PixelImage, type Span } from './pixel-image.js';
import { horizontalTable, reach, resampleWeights, verticalTable, type Weights } from './weights.js';

/** A part of the resized image: the only part that is computed. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Source bytes that are in WebAssembly memory at a time: they stay in a core's second-level cache. */
const bandBytes = 256 * 1024;
/** The same for tall images, of which a band is a few columns: wider, so that copying them is worth while. */
const tallBandBytes = 4 * 1024 * 1024;

/**
 * Rows or columns that the kernel may read beyond the end of the source: it always takes the same number of taps, which
 * have no weight there, in groups of up to four.
 */
const overrun = (weights: Weights | undefined): number => (weights === undefined ? 0 : weights.taps + 4);
/** The kernel reads 16 bytes for four pixels, and writes four bytes for the last pixel of a row. */
const slack = 16;

const align = (bytes: number): number => Math.ceil(bytes / 16) * 16;
const length = ({ from, to }: Span): number => to - from;

let idle: Kernel | undefined;

/**
 * Resizes an image to `size` as Pillow's `Image.resize` does, bit for bit, and returns the pixels of `window` alone:
 * RGB, `[window.height, window.width, 3]`. Rows and columns that the window does not need are never computed.
 *
 * Pillow resizes horizontally first, then vertically, with 8-bit rounding between; since 12.2 the other way round when
 * an image more than 100 times as high as wide becomes lower. A direction that keeps its length is left out.
 *
 * @throws RangeError when the work needs more memory than WebAssembly has
 */
export function resample(
  image: PixelImage,
  size: { readonly width: number; readonly height: number },
  window: Window,
  filter: ResampleFilter,
): Uint8Array<ArrayBuffer> {
  const kernel = idle ?? new Kernel();
  idle = undefined;
  const { left, top, width, height } = window;
  const columns =
    size.width === image.width
      ? undefined
      : resampleWeights(image.width, size.width, filter, left, left + width);
  const rows =
    size.height === image.height
      ? undefined
      : resampleWeights(image.height, size.height, filter, top, top + height);
  const tall = image.height > image.width * 100 && size.height < image.height;
  const source = {
    columns: columns === undefined ? { from: left, to: left + width } : reach(columns),
    rows: rows === undefined ? { from: top, to: top + height } : reach(rows),
  };
  const result = (tall ? resampleTall : resampleUsual)(kernel, image, source, columns, rows, window);
  if (kernel.reusable) {
    kernel.reset();
    idle = kernel;
  }
  return result;
}

/** The part of the image that is read. */
interface Source {
  readonly columns: Span;
  readonly rows: Span;
}

function resampleUsual(
  kernel: Kernel,
  image: PixelImage,
  source: Source,
  columns: Weights | undefined,
  rows: Weights | undefined,
  window: Window,
): Uint8Array<ArrayBuffer> {
  const stride = align(window.width * 3);
  const narrow = kernel.reserve(stride * (length(source.rows) + overrun(rows)) + slack);
  if (columns === undefined) {
    copyAsRgb(image, source.rows, source.columns, kernel.bytes().subarray(narrow), stride);
  } else {
    const bandStride = length(source.columns) * 3;
    const bandRows = Math.max(1, Math.min(Math.floor(bandBytes / bandStride), length(source.rows)));
    const band = kernel.reserve(bandStride * bandRows + overrun(columns) * 3 + slack);
    const pass = horizontalPass(kernel, columns, source.columns.from);
    for (let { from } = source.rows; from < source.rows.to; from += bandRows) {
      const to = Math.min(from + bandRows, source.rows.to);
      copyAsRgb(image, { from, to }, source.columns, kernel.bytes().subarray(band), bandStride);
      pass(band, bandStride, narrow + (from - source.rows.from) * stride, stride, to - from);
    }
  }
  if (rows === undefined) return denseRows(kernel, narrow, stride, window);
  const result = kernel.reserve(stride * window.height);
  verticalPass(kernel, rows, source.rows.from, stride)(narrow, result);
  return denseRows(kernel, result, stride, window);
}

function resampleTall(
  kernel: Kernel,
  image: PixelImage,
  source: Source,
  columns: Weights | undefined,
  rows: Weights | undefined,
  window: Window,
): Uint8Array<ArrayBuffer> {
  const lowStride = length(source.columns) * 3;
  const low = kernel.reserve(lowStride * window.height + overrun(columns) * 3 + slack);
  if (rows === undefined) {
    copyAsRgb(image, source.rows, source.columns, kernel.bytes().subarray(low), lowStride);
  } else {
    const bandColumns = Math.max(16, Math.floor(tallBandBytes / length(source.rows) / 3));
    const bandStride = align(Math.min(bandColumns, length(source.columns)) * 3);
    const band = kernel.reserve(bandStride * (length(source.rows) + overrun(rows)));
    const resized = kernel.reserve(bandStride * window.height);
    const pass = verticalPass(kernel, rows, source.rows.from, bandStride);
    for (let { from } = source.columns; from < source.columns.to; from += bandColumns) {
      const to = Math.min(from + bandColumns, source.columns.to);
      const bytes = kernel.bytes();
      copyAsRgb(image, source.rows, { from, to }, bytes.subarray(band), bandStride);
      pass(band, resized);
      const target = low + (from - source.columns.from) * 3;
      for (let row = 0; row < window.height; row += 1) {
        const start = resized + row * bandStride;
        bytes.copyWithin(target + row * lowStride, start, start + (to - from) * 3);
      }
    }
  }
  if (columns === undefined) return denseRows(kernel, low, lowStride, window);
  const stride = window.width * 3;
  const result = kernel.reserve(stride * window.height + slack);
  horizontalPass(kernel, columns, source.columns.from)(low, lowStride, result, stride, window.height);
  return denseRows(kernel, result, stride, window);
}

function horizontalPass(kernel: Kernel, weights: Weights, from: number) {
  const { words, groups } = horizontalTable(weights);
  const starts = kernel.table(weights.first.map((column) => (column - from) * 3));
  const table = kernel.table(words);
  return (source: number, sourceStride: number, target: number, targetStride: number, rows: number): void =>
    kernel.run.horizontal(
      source,
      sourceStride,
      target,
      targetStride,
      rows,
      weights.first.length,
      starts,
      table,
      groups,
    );
}

function verticalPass(kernel: Kernel, weights: Weights, from: number, stride: number) {
  const { words, groups } = verticalTable(weights);
  const starts = kernel.table(weights.first.map((row) => (row - from) * stride));
  const table = kernel.table(words);
  return (source: number, target: number): void =>
    kernel.run.vertical(source, stride, target, weights.first.length, starts, table, groups);
}

/** Copies rows out of the kernel's memory, without what is between them. */
function denseRows(
  kernel: Kernel,
  address: number,
  stride: number,
  { width, height }: Window,
): Uint8Array<ArrayBuffer> {
  const bytes = kernel.bytes();
  const result = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row += 1) {
    const start = address + row * stride;
    result.set(bytes.subarray(start, start + width * 3), row * width * 3);
  }
  return result;
}
