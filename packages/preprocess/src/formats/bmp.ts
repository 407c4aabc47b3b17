import { damaged } from '../image-error.js';
import { checkSize, type ImageLimits } from '../image-limits.js';
import type { PixelImage } from '../resample/pixel-image.js';
import { type BmpHeader, readBmpHeader } from './bmp-header.js';
import { decodeRunLengths } from './bmp-run-length.js';
import { grayPalette, throughPalette } from './palette.js';

/**
 * Decodes a BMP as Pillow shows it: 1, 4 and 8 bits through the palette, 16, 24 and 32 bits with or without masks
 * (alpha dropped), run lengths, either row order.
 *
 * @throws WebsslError IMAGE_DAMAGED, IMAGE_FORMAT_UNSUPPORTED, IMAGE_TOO_LARGE
 */
export function decodeBmp(bytes: Uint8Array, limits: ImageLimits): PixelImage {
  const header = readBmpHeader(bytes);
  const { width, height } = header;
  checkSize(width, height, limits);
  const palette = header.palette ?? grayPalette();
  if (header.runLength !== 'none') {
    const indices = decodeRunLengths(bytes, header);
    return { width, height, channels: 3, data: throughPalette(indices, palette) };
  }
  const rowBytes = Math.ceil((width * header.bits) / 8);
  const stride = Math.ceil((width * header.bits) / 32) * 4;
  if (header.offset + (height - 1) * stride + rowBytes > bytes.length) {
    throw damaged('BMP', `it has fewer than ${height} rows of pixels`);
  }
  const rowAt = (row: number): number => header.offset + (header.topDown ? row : height - 1 - row) * stride;
  const data =
    header.bits <= 8
      ? throughPalette(unpackIndices(bytes, header, rowAt), palette)
      : unpackColours(bytes, header, rowAt);
  return { width, height, channels: 3, data };
}

type RowAt = (row: number) => number;

function unpackIndices(bytes: Uint8Array, { width, height, bits }: BmpHeader, rowAt: RowAt): Uint8Array {
  const indices = new Uint8Array(width * height);
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  for (let row = 0, out = 0; row < height; row += 1) {
    const start = rowAt(row);
    for (let column = 0; column < width; column += 1, out += 1) {
      const byte = bytes[start + Math.floor(column / perByte)] ?? 0;
      indices[out] = (byte >> (8 - bits - (column % perByte) * bits)) & mask;
    }
  }
  return indices;
}

function unpackColours(bytes: Uint8Array, header: BmpHeader, rowAt: RowAt): Uint8Array {
  const { width, height, bits, layout } = header;
  const data = new Uint8Array(width * height * 3);
  const pixelBytes = bits / 8;
  for (let row = 0, out = 0; row < height; row += 1) {
    let at = rowAt(row);
    for (let column = 0; column < width; column += 1, out += 3, at += pixelBytes) {
      if (layout.kind === 'bytes') {
        data[out] = bytes[at + layout.red] ?? 0;
        data[out + 1] = bytes[at + layout.green] ?? 0;
        data[out + 2] = bytes[at + layout.blue] ?? 0;
      } else {
        const value = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
        const greenBits = layout.kind === '565' ? 6 : 5;
        data[out] = widen(value >> (5 + greenBits), 5);
        data[out + 1] = widen(value >> 5, greenBits);
        data[out + 2] = widen(value, 5);
      }
    }
  }
  return data;
}

/** The lowest `bits` bits stretched to 0..255, rounded down. */
function widen(value: number, bits: number): number {
  const most = (1 << bits) - 1;
  return Math.floor(((value & most) * 255) / most);
}
