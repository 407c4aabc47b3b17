import { damaged } from '../image-error.js';
import type { BmpHeader } from './bmp-header.js';

/**
 * Undoes the run lengths of a BMP of 8 or 4 bits: palette indices, top row first.
 *
 * As Pillow does: a run ends at its row's end, skipped pixels have index 0, and the pixels must all be there.
 *
 * @throws WebsslError IMAGE_DAMAGED
 */
export function decodeRunLengths(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height } = header;
  const indices = new Uint8Array(width * height);
  const written = readRuns(bytes, header, indices);
  if (written < indices.length) throw damaged('BMP', `it has ${written} of ${indices.length} pixels`);
  return header.topDown ? indices : flipRows(indices, width);
}

/** Fills `indices` in file order and returns how many pixels the file has, which may be more than fit. */
function readRuns(bytes: Uint8Array, header: BmpHeader, indices: Uint8Array): number {
  const { width, runLength } = header;
  const nibbles = runLength === '4';
  let at = header.offset;
  let written = 0;
  let column = 0;
  while (written < indices.length && at + 2 <= bytes.length) {
    const count = bytes[at] ?? 0;
    const value = bytes[at + 1] ?? 0;
    at += 2;
    if (count > 0) {
      const pixels = Math.min(count, Math.max(0, width - column));
      for (let index = 0; index < pixels; index += 1) {
        indices[written + index] = nibbles ? nibble(value, index) : value;
      }
      written += pixels;
      column += pixels;
    } else if (value === 0) {
      written = Math.ceil(written / width) * width;
      column = 0;
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      if (at + 2 > bytes.length) break;
      written += (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * width;
      column = written % width;
      at += 2;
    } else {
      const wanted = nibbles ? value >> 1 : value;
      const part = bytes.subarray(at, at + wanted);
      for (const byte of part) {
        if (nibbles) {
          indices[written] = byte >> 4;
          indices[written + 1] = byte & 15;
          written += 2;
        } else {
          indices[written] = byte;
          written += 1;
        }
      }
      at += part.length;
      if (part.length < wanted) break;
      column += value;
      at += at % 2;
    }
  }
  return written;
}

function nibble(value: number, index: number): number {
  return index % 2 === 0 ? value >> 4 : value & 15;
}

function flipRows(indices: Uint8Array, width: number): Uint8Array {
  const flipped = new Uint8Array(indices.length);
  for (let from = 0; from < indices.length; from += width) {
    flipped.set(indices.subarray(from, from + width), indices.length - width - from);
  }
  return flipped;
}
