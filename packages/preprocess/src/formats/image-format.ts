import { unsupported } from '../image-error.js';

/** The formats that are decoded. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'bmp' | 'avif';

const ascii = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));

const startsWith = (bytes: Uint8Array, ...values: number[]): boolean =>
  bytes.length >= values.length && values.every((value, index) => bytes[index] === value);

const tiffStarts = ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'];

const advice = 'Convert it to JPEG, PNG, WebP, GIF, TIFF, BMP or AVIF.';

/** Formats that people meet but that are refused, by how they begin. */
const refused: readonly (readonly [name: string, matches: (bytes: Uint8Array) => boolean])[] = [
  ['a PDF document', (bytes) => ascii(bytes, 0, 5) === '%PDF-'],
  [
    'an SVG drawing',
    (bytes) => /^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*(<!DOCTYPE svg|<svg)/i.test(text(bytes)),
  ],
  ['an HTML page', (bytes) => /^\s*<(!doctype html|html)/i.test(text(bytes))],
  ['a JPEG XL image', (bytes) => startsWith(bytes, 0xff, 0x0a) || ascii(bytes, 4, 8) === 'JXL '],
  [
    'a JPEG 2000 image',
    (bytes) => ascii(bytes, 4, 8) === 'jP  ' || startsWith(bytes, 0xff, 0x4f, 0xff, 0x51),
  ],
  ['a Photoshop document', (bytes) => ascii(bytes, 0, 4) === '8BPS'],
  ['an icon', (bytes) => startsWith(bytes, 0, 0, 1, 0)],
  ['a Git LFS pointer, not the file itself', (bytes) => text(bytes).startsWith('version https://git-lfs')],
];

const text = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, 1024)).toString('latin1');

/**
 * The format of an encoded image, decided by its first bytes; names and media types are not looked at.
 *
 * @throws WebsslError IMAGE_FORMAT_UNSUPPORTED for anything that is not on the list
 */
export function imageFormat(bytes: Uint8Array): ImageFormat {
  if (startsWith(bytes, 0xff, 0xd8, 0xff)) return 'jpeg';
  if (startsWith(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'png';
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP') return 'webp';
  if (['GIF87a', 'GIF89a'].includes(ascii(bytes, 0, 6))) return 'gif';
  if (tiffStarts.includes(ascii(bytes, 0, 4))) return 'tiff';
  if (ascii(bytes, 0, 2) === 'BM') return 'bmp';
  if (ascii(bytes, 4, 8) === 'ftyp') return fromBrands(bytes);
  const known = refused.find(([, matches]) => matches(bytes))?.[0];
  if (known !== undefined) throw unsupported(`This is ${known}, which is not decoded`, advice);
  const start = Buffer.from(bytes.subarray(0, 8)).toString('hex');
  throw unsupported(`This is not an image of a known format (it begins with ${start})`, advice);
}

/** The ISO base media container holds AVIF, but also HEIC and films. */
function fromBrands(bytes: Uint8Array): ImageFormat {
  const end = Math.min(Buffer.from(bytes.subarray(0, 4)).readUInt32BE(), bytes.length, 1024);
  const brands = [ascii(bytes, 8, 12)];
  for (let offset = 16; offset + 4 <= end; offset += 4) brands.push(ascii(bytes, offset, offset + 4));
  if (brands.includes('avif') || brands.includes('avis')) return 'avif';
  const name = brands.some((brand) => /^(hei|hev|mif|msf)/.test(brand)) ? 'an HEIC image' : 'a film';
  throw unsupported(`This is ${name}, which is not decoded`, advice);
}
