import { WebsslError } from '@webssl/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pillowCases } from '../../fixtures/pillow-cases.js';
import type { ImageLimits } from '../image-limits.js';
import type { PixelImage } from '../resample/pixel-image.js';
import { decodeBmp } from './bmp.js';
import { decodeGif } from './gif.js';
import { decodeLzw } from './gif-lzw.js';
import { imageFormat } from './image-format.js';
import { whiteIsZero } from './tiff-header.js';

const limits: ImageLimits = { bytes: 1e6, pixels: 100_000, frames: 100 };

const files = (format: string) =>
  pillowCases()
    .filter(({ name }) => name.startsWith(format))
    .map(({ base64 }) => Buffer.from(base64, 'base64'));

/** A real file with some bytes changed, near the start more often, and perhaps cut off. */
const damagedFile = (format: string) =>
  fc
    .tuple(
      fc.constantFrom(...files(format)),
      fc.array(fc.tuple(fc.oneof(fc.nat(70), fc.nat(5000)), fc.nat(255)), { maxLength: 6 }),
      fc.option(fc.nat(5000)),
    )
    .map(([file, changes, cut]) => {
      const bytes = Buffer.from(file);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      return cut === null ? bytes : bytes.subarray(0, cut);
    });

/** Decodes, or fails with an error of this project; the pixels are as many as the size says. */
function decodesOrRefuses(decode: (bytes: Uint8Array, limits: ImageLimits) => PixelImage, bytes: Uint8Array) {
  let image: PixelImage;
  try {
    image = decode(bytes, limits);
  } catch (error) {
    expect(WebsslError.isInstance(error), String(error)).toBe(true);
    return;
  }
  expect(image.data.length).toBe(image.width * image.height * image.channels);
  expect(image.width * image.height).toBeLessThanOrEqual(limits.pixels);
}

describe('parsers, fuzzed', () => {
  it('decodes or refuses any BMP', () => {
    fc.assert(
      fc.property(fc.oneof(damagedFile('bmp'), bytesAfter('BM')), (bytes) =>
        decodesOrRefuses(decodeBmp, bytes),
      ),
      { numRuns: 3000 },
    );
  });

  it('decodes or refuses any GIF', () => {
    fc.assert(
      fc.property(fc.oneof(damagedFile('gif'), bytesAfter('GIF89a')), (bytes) =>
        decodesOrRefuses(decodeGif, bytes),
      ),
      { numRuns: 3000 },
    );
  });

  it('undoes or refuses any LZW data', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(13), fc.nat(2000), (data, bits, length) => {
        decodesOrRefuses(
          () => ({ width: length, height: 1, channels: 1, data: decodeLzw(data, bits, length) }),
          data,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('names or refuses the format of any bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 2000 }), bytesAfter('\0\0\0 ftyp')), (bytes) => {
        try {
          expect(imageFormat(bytes)).toMatch(/^(jpeg|png|webp|gif|tiff|bmp|avif)$/);
        } catch (error) {
          expect(WebsslError.isInstance(error, 'IMAGE_FORMAT_UNSUPPORTED'), String(error)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('follows any TIFF header', () => {
    fc.assert(
      fc.property(fc.oneof(damagedFile('tiff'), bytesAfter('II+\0'), bytesAfter('MM\0*')), (bytes) => {
        expect(typeof whiteIsZero(bytes)).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });
});

function bytesAfter(start: string) {
  return fc.uint8Array({ maxLength: 300 }).map((rest) => Buffer.concat([Buffer.from(start, 'latin1'), rest]));
}
