import { createHash } from 'node:crypto';
import { WebsslError } from '@webssl/backend';
import { describe, expect, it } from 'vitest';
import { type PillowCase, pillowCases } from '../../fixtures/pillow-cases.js';
import { defaultLimits } from '../image-limits.js';
import { copyAsRgb } from '../resample/pixel-image.js';
import { decodeImage } from './decode-image.js';
import type { DecodedImage } from './decoded-image.js';

/** Where this package differs from Pillow, and why that is left so. README.md names those that a user can meet. */
const differences: Readonly<Record<string, string>> = {
  'png-wrong-checksum-tEXt': 'libpng reads on over a wrong checksum; Pillow refuses the file',
  'png-wrong-checksum-IHDR': 'libpng reads on over a wrong checksum; Pillow refuses the file',
  'bmp-palette4-two-colours-black-white': 'Pillow reads the 4-bit rows as 1-bit rows and shows noise',
  'bmp-palette4-gray-ramp': 'Pillow reads the 4-bit rows as 8-bit rows and refuses the file',
  'tiff-zstd': 'the libtiff in sharp has no zstd',
  'tiff-lab': 'libvips reads no TIFF in LAB with unsigned a and b',
  'tiff-rgba-associated': 'libvips divides by alpha with another rounding: one sample differs by 1',
  avif: 'libheif upsamples chroma otherwise than libavif',
  'avif-444': 'libheif converts to RGB with another rounding than libavif',
  'avif-alpha': 'libheif upsamples chroma otherwise than libavif',
  'avif-exif6-ignored': 'libheif always applies the rotation of the container',
  'avif-exif6-applied': 'libheif upsamples chroma otherwise than libavif',
};

function decode({ base64, exif }: PillowCase): Promise<DecodedImage> {
  return decodeImage(Buffer.from(base64, 'base64'), defaultLimits, exif ?? 'ignore');
}

function rgbOf(image: DecodedImage): Uint8Array {
  const rgb = new Uint8Array(image.width * image.height * 3);
  const all = { rows: { from: 0, to: image.height }, columns: { from: 0, to: image.width } };
  copyAsRgb(image, all.rows, all.columns, rgb, image.width * 3);
  return rgb;
}

const cases = pillowCases().filter(({ name }) => !(name in differences));

describe('decodeImage', () => {
  it.each(cases.filter(({ error }) => error === undefined))(
    'gives the pixels of Pillow: $name',
    async (one) => {
      const image = await decode(one);
      expect([image.width, image.height]).toEqual([one.width, one.height]);
      expect(createHash('sha256').update(rgbOf(image)).digest('hex')).toBe(one.rgb_sha256);
    },
  );

  it.each(cases.filter(({ error }) => error !== undefined))(
    'refuses what Pillow refuses: $name',
    async (one) => {
      const error: unknown = await decode(one).catch((reason: unknown) => reason);
      expect(WebsslError.isInstance(error)).toBe(true);
      expect(['IMAGE_DAMAGED', 'IMAGE_FORMAT_UNSUPPORTED']).toContain((error as WebsslError).code);
    },
  );

  it('still differs from Pillow where the list says so, and nowhere does it crash', async () => {
    const outcomes = await Promise.all(
      pillowCases()
        .filter(({ name }) => name in differences)
        .map(async (one) => {
          try {
            const same =
              createHash('sha256')
                .update(rgbOf(await decode(one)))
                .digest('hex') === one.rgb_sha256;
            return [one.name, one.error === undefined && same ? 'same' : 'different'];
          } catch (error) {
            return [one.name, WebsslError.isInstance(error) ? 'different' : 'crash'];
          }
        }),
    );
    expect(Object.fromEntries(outcomes)).toEqual(
      Object.fromEntries(Object.keys(differences).map((name) => [name, 'different'])),
    );
  });
});
