import { WebsslError } from '@webssl/backend';
import { checkBytes, type ImageLimits } from '../image-limits.js';
import type { PixelImage } from '../resample/pixel-image.js';
import { decodeBmp } from './bmp.js';
import { decodeWithSharp } from './decode-with-sharp.js';
import type { DecodedImage } from './decoded-image.js';
import { decodeGif } from './gif.js';
import { type ImageFormat, imageFormat } from './image-format.js';

/**
 * Decodes an encoded image to the 8-bit pixels that `PIL.Image.open(file).convert("RGB")` has.
 *
 * @throws WebsslError IMAGE_EMPTY, IMAGE_FORMAT_UNSUPPORTED, IMAGE_DAMAGED, IMAGE_TOO_LARGE
 */
export async function decodeImage(
  bytes: Uint8Array,
  limits: ImageLimits,
  exif: 'ignore' | 'apply',
): Promise<DecodedImage> {
  const format = checkedFormat(bytes, limits);
  if (format === 'bmp') return withoutExif(decodeBmp(bytes, limits), format);
  if (format === 'gif') return withoutExif(decodeGif(bytes, limits), format);
  return decodeWithSharp(bytes, format, limits, exif);
}

/** The format of a file within the limit of bytes. */
export function checkedFormat(bytes: Uint8Array, limits: ImageLimits): ImageFormat {
  checkBytes(bytes.length, limits);
  if (bytes.length === 0) {
    throw new WebsslError({
      code: 'IMAGE_EMPTY',
      message: 'The image has no bytes. Check that it was written or fetched completely.',
    });
  }
  return imageFormat(bytes);
}

function withoutExif(image: PixelImage, format: ImageFormat): DecodedImage {
  const stored = { width: image.width, height: image.height };
  return { ...image, format, stored, recordedOrientation: 1, orientation: 1 };
}
