import sharp, { type Metadata, type Sharp } from 'sharp';
import { fastKernel } from './fast-kernel.js';
import { checkedFormat, decodeImage } from './formats/decode-image.js';
import {
  damagedBySharp,
  orientationToApply,
  readSharpHeader,
  sharpOptions,
} from './formats/decode-with-sharp.js';
import type { ImageOrigin } from './formats/decoded-image.js';
import type { ImageFormat } from './formats/image-format.js';
import type { ImageGeometry } from './geometry.js';
import { visibleWindow } from './pixel-values.js';
import { planInput } from './plan-input.js';
import type { PreparationSettings } from './preparation-settings.js';
import type { ResampleFilter } from './processor-config.js';

/** The visible part of a resized image, and what it was made of. */
export interface FastResult {
  readonly origin: ImageOrigin;
  readonly geometry: ImageGeometry;
  readonly visible: Uint8Array<ArrayBuffer>;
}

/**
 * Decodes and resizes with libvips. A JPEG or WebP shrinks while it is decoded, which is what makes this fast; images
 * with an alpha channel, 16-bit samples or CMYK are decoded as in the exact way first.
 *
 * @throws WebsslError as decoding does
 */
export async function resizeFast(bytes: Uint8Array, settings: PreparationSettings): Promise<FastResult> {
  const { config, limits, exif } = settings;
  const format = checkedFormat(bytes, limits);
  const header = shrinkable.has(format) ? await readSharpHeader(bytes, format, limits) : undefined;
  if (header === undefined || !isPlain(header)) {
    const decoded = await decodeImage(bytes, limits, exif);
    const geometry = planInput(decoded.stored, decoded.orientation, settings);
    const { width, height, channels, data } = decoded;
    const pipeline = sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
    return { origin: decoded, geometry, visible: await shrink(pipeline, geometry, config.resize?.filter) };
  }
  const { recorded, applied } = orientationToApply(header, format, exif);
  const stored = { width: header.width, height: header.height };
  const geometry = planInput(stored, applied, settings);
  const pipeline = sharp(bytes, sharpOptions(format, applied !== 1));
  const visible = await shrink(pipeline, geometry, config.resize?.filter).catch((error: unknown) => {
    throw damagedBySharp(format, error);
  });
  return { origin: { format, stored, recordedOrientation: recorded }, geometry, visible };
}

/** Formats of which libvips makes what this package makes of them, unless {@link isPlain} says no. */
const shrinkable: ReadonlySet<ImageFormat> = new Set(['jpeg', 'webp', 'png', 'avif']);

function isPlain({ space, depth, hasAlpha }: Metadata): boolean {
  return (space === 'srgb' || space === 'b-w') && depth === 'uchar' && !hasAlpha;
}

async function shrink(
  pipeline: Sharp,
  geometry: ImageGeometry,
  filter: ResampleFilter = 'bicubic',
): Promise<Uint8Array<ArrayBuffer>> {
  const data = await pipeline
    .resize(geometry.resized.width, geometry.resized.height, { fit: 'fill', kernel: fastKernel(filter) })
    .extract(visibleWindow(geometry))
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer();
  return Uint8Array.from(data);
}
