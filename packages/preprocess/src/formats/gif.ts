import { damaged } from '../image-error.js';
import { checkFrames, checkSize, type ImageLimits } from '../image-limits.js';
import type { PixelImage } from '../resample/pixel-image.js';
import { ByteReader } from './byte-reader.js';
import { decodeLzw } from './gif-lzw.js';
import { grayPalette, type Palette, readColourTable, throughPalette } from './palette.js';

interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  readonly palette: Palette | undefined;
  readonly transparent: number | undefined;
  readonly codeBits: number;
  readonly data: Uint8Array;
}

/**
 * Decodes the first frame of a GIF (GIF89a specification) as Pillow shows it: what the frame does not cover has the
 * colour of the transparent index, or of index 0, and the hidden colour of transparent pixels is kept. libvips
 * composes frames as a browser does and cannot give these colours back.
 *
 * @throws WebsslError IMAGE_DAMAGED, IMAGE_TOO_LARGE
 */
export function decodeGif(bytes: Uint8Array, limits: ImageLimits): PixelImage {
  const reader = new ByteReader(bytes, 'GIF');
  reader.take(6);
  const canvas = { width: reader.u16(), height: reader.u16() };
  const flags = reader.u8();
  reader.take(2);
  const globalPalette = flags & 0x80 ? readColourTable(reader.take(3 << ((flags & 7) + 1))) : undefined;
  const frame = readFrame(reader);
  if (frame === undefined) throw damaged('GIF', 'it holds no image');
  const width = Math.max(canvas.width, frame.left + frame.width);
  const height = Math.max(canvas.height, frame.top + frame.height);
  if (width === 0 || height === 0) throw damaged('GIF', `its size is ${width} x ${height}`);
  checkSize(width, height, limits);
  checkFrames(1 + countFrames(reader), limits);
  const indices = new Uint8Array(width * height).fill(frame.transparent ?? 0);
  placeFrame(frame, indices, width);
  const palette = frame.palette ?? globalPalette ?? grayPalette();
  return { width, height, channels: 3, data: throughPalette(indices, palette) };
}

/** Reads on to the next frame and over it; undefined at the end of the file. */
function readFrame(reader: ByteReader): Frame | undefined {
  let transparent: number | undefined;
  while (!reader.atEnd) {
    const block = reader.u8();
    if (block === 0x3b) return undefined;
    if (block === 0x21) {
      const label = reader.u8();
      const data = joinSubBlocks(reader);
      if (label === 0xf9 && data.length >= 4 && (data[0] ?? 0) & 1) transparent = data[3];
    } else if (block === 0x2c) {
      const [left, top, width, height] = [reader.u16(), reader.u16(), reader.u16(), reader.u16()];
      const flags = reader.u8();
      const palette = flags & 0x80 ? readColourTable(reader.take(3 << ((flags & 7) + 1))) : undefined;
      const interlaced = (flags & 0x40) !== 0;
      const codeBits = reader.u8();
      const data = joinSubBlocks(reader);
      return { left, top, width, height, interlaced, palette, transparent, codeBits, data };
    }
  }
  return undefined;
}

/** Frames after the first one. A file that breaks off has those that are there. */
function countFrames(reader: ByteReader): number {
  let frames = 0;
  try {
    while (readFrame(reader) !== undefined) frames += 1;
  } catch {
    return frames;
  }
  return frames;
}

/** The data of a chain of sub-blocks. A chain that the file's end cuts off gives what is there. */
function joinSubBlocks(reader: ByteReader): Uint8Array {
  const parts: Uint8Array[] = [];
  while (!reader.atEnd) {
    const length = reader.u8();
    if (length === 0) break;
    parts.push(reader.take(length));
  }
  return Buffer.concat(parts);
}

/** First row and distance of the rows of each pass of an interlaced frame. */
const passes = [
  { first: 0, step: 8 },
  { first: 4, step: 8 },
  { first: 2, step: 4 },
  { first: 1, step: 2 },
];

function placeFrame(frame: Frame, indices: Uint8Array, width: number): void {
  const pixels = decodeLzw(frame.data, frame.codeBits, frame.width * frame.height);
  let from = 0;
  for (const { first, step } of frame.interlaced ? passes : [{ first: 0, step: 1 }]) {
    for (let row = first; row < frame.height; row += step) {
      indices.set(pixels.subarray(from, from + frame.width), (frame.top + row) * width + frame.left);
      from += frame.width;
    }
  }
}
