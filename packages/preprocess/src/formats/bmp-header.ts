import { damaged, unsupported } from '../image-error.js';
import { ByteReader } from './byte-reader.js';
import { type Palette, readPalette } from './palette.js';

/** Where the colours of a pixel of 16 bits or more lie. */
type BmpLayout =
  | { readonly kind: 'bytes'; readonly red: number; readonly green: number; readonly blue: number }
  | { readonly kind: '555' }
  | { readonly kind: '565' };

export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  readonly runLength: 'none' | '8' | '4';
  readonly layout: BmpLayout;
  readonly palette: Palette | undefined;
  /** Where the pixels begin in the file. */
  readonly offset: number;
}

const headerSizes = [12, 40, 52, 56, 64, 108, 124];
const advice = 'Save it as PNG, or as BMP with 24 bits a pixel.';
const blueGreenRed: BmpLayout = { kind: 'bytes', red: 2, green: 1, blue: 0 };

/** The byte order of 32-bit pixels by their masks, red, green, blue, alpha: those that Pillow reads. */
const layouts32: readonly (readonly [masks: readonly number[], layout: BmpLayout])[] = [
  [[0xff0000, 0xff00, 0xff, 0], blueGreenRed],
  [[0xff0000, 0xff00, 0xff, 0xff000000], blueGreenRed],
  [[0, 0, 0, 0], blueGreenRed],
  [[0xff000000, 0xff0000, 0xff00, 0], { kind: 'bytes', red: 3, green: 2, blue: 1 }],
  [[0xff000000, 0xff0000, 0xff00, 0xff], { kind: 'bytes', red: 3, green: 2, blue: 1 }],
  [[0xff000000, 0xff00, 0xff, 0], { kind: 'bytes', red: 3, green: 1, blue: 0 }],
  [[0xff000000, 0xff00, 0xff, 0xff0000], { kind: 'bytes', red: 3, green: 1, blue: 0 }],
  [[0xff, 0xff00, 0xff0000, 0xff000000], { kind: 'bytes', red: 0, green: 1, blue: 2 }],
];
const layouts24: typeof layouts32 = [[[0xff0000, 0xff00, 0xff], blueGreenRed]];
const layouts16: typeof layouts32 = [
  [[0xf800, 0x7e0, 0x1f], { kind: '565' }],
  [[0x7c00, 0x3e0, 0x1f], { kind: '555' }],
];

/**
 * Reads the headers and the palette of a Windows or OS/2 bitmap, with the rules of Pillow's BmpImagePlugin.
 *
 * @throws WebsslError IMAGE_DAMAGED, IMAGE_FORMAT_UNSUPPORTED
 */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  const reader = new ByteReader(bytes, 'BMP');
  reader.take(10);
  const declaredOffset = reader.u32();
  const headerSize = reader.u32();
  if (!headerSizes.includes(headerSize)) {
    throw unsupported(`This BMP has an unknown header, of ${headerSize} bytes`, advice);
  }
  const info = headerSize === 12 ? readCoreHeader(reader) : readInfoHeader(reader, headerSize);
  const { width, height, bits, compression } = info;
  if (width === 0 || height === 0) throw damaged('BMP', `its size is ${width} x ${height}`);
  if (![1, 4, 8, 16, 24, 32].includes(bits)) {
    throw unsupported(`This BMP has ${bits} bits a pixel`, advice);
  }
  if (compression > 3) throw unsupported(`This BMP has compression ${compression}`, advice);
  const layout = layoutOf(reader, info, headerSize);
  const entryBytes = headerSize === 12 ? 3 : 4;
  const colours = info.colours === 0 ? 2 ** bits : info.colours;
  const paletteBytes = bits <= 8 ? entryBytes * colours : 0;
  if (bits <= 8 && colours > 65_536) throw unsupported(`This BMP has ${colours} colours`, advice);
  const afterHeader = reader.offset;
  const paletteEnd = Math.min(afterHeader + paletteBytes, bytes.length);
  const palette =
    bits <= 8 ? readPalette(bytes.subarray(afterHeader, paletteEnd), entryBytes, [2, 1, 0]) : undefined;
  const offset =
    declaredOffset === 14 + headerSize ? declaredOffset + paletteBytes : declaredOffset || paletteEnd;
  return {
    width,
    height,
    topDown: info.topDown,
    bits,
    runLength: compression === 1 ? '8' : compression === 2 ? '4' : 'none',
    layout,
    palette,
    offset,
  };
}

interface InfoHeader {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  readonly compression: number;
  readonly colours: number;
  /** The bytes after the first 36 that follow the size field: where newer headers keep their masks. */
  readonly rest: Uint8Array;
}

function readCoreHeader(reader: ByteReader): InfoHeader {
  const [width, height] = [reader.u16(), reader.u16()];
  reader.u16();
  const bits = reader.u16();
  return { width, height, topDown: false, bits, compression: 0, colours: 0, rest: new Uint8Array() };
}

function readInfoHeader(reader: ByteReader, headerSize: number): InfoHeader {
  const width = reader.u32();
  const height = reader.u32();
  const topDown = height >= 0xff000000;
  reader.u16();
  const bits = reader.u16();
  const compression = reader.u32();
  reader.take(12);
  const colours = reader.u32();
  reader.take(4);
  const rest = reader.take(headerSize - 40);
  return { width, height: topDown ? 2 ** 32 - height : height, topDown, bits, compression, colours, rest };
}

function layoutOf(reader: ByteReader, info: InfoHeader, headerSize: number): BmpLayout {
  const { bits, compression } = info;
  if (compression !== 3) return bits === 16 ? { kind: '555' } : blueGreenRed;
  const masks = maskBytes(reader, info, headerSize);
  const candidates = bits === 32 ? layouts32 : bits === 24 ? layouts24 : bits === 16 ? layouts16 : [];
  const layout = candidates.find(([wanted]) => wanted.every((mask, index) => mask === masks[index]))?.[1];
  if (layout === undefined) {
    const names = masks.map((mask) => `0x${mask.toString(16)}`).join(', ');
    throw unsupported(`This BMP has ${bits} bits a pixel with the unknown colour masks ${names}`, advice);
  }
  return layout;
}

/** Red, green, blue and alpha: in a newer header, or behind an old one, which has no alpha. */
function maskBytes(reader: ByteReader, { rest }: InfoHeader, headerSize: number): number[] {
  const inside = headerSize >= 52;
  const masks = inside ? new ByteReader(rest, 'BMP') : reader;
  const colours = [masks.u32(), masks.u32(), masks.u32()];
  return [...colours, headerSize >= 56 ? masks.u32() : 0];
}
