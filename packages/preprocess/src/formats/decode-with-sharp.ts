import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { damaged, unsupported } from '../image-error.js';
import { checkFrames, checkSize, type ImageLimits } from '../image-limits.js';
import type { PixelImage } from '../resample/pixel-image.js';
import { cmykToRgb } from './cmyk.js';
import type { DecodedImage } from './decoded-image.js';
import type { ImageFormat } from './image-format.js';
import { isOrientation, type Orientation } from './orientation.js';
import { whiteIsZero } from './tiff-header.js';

/**
 * How strict libvips is. Pillow refuses a JPEG, PNG or WebP that breaks off but shows one with wrong bits, as
 * `truncated` does. Of a TIFF, libvips leaves out at that level what it cannot decompress, and the picture stays black.
 */
const strictness = (format: ImageFormat): 'truncated' | 'error' =>
  format === 'tiff' ? 'error' : 'truncated';

/** What every use of sharp in this package sets: no colour management, the limits are checked here, the first frame. */
export function sharpOptions(format: ImageFormat, upright: boolean): SharpOptions {
  return {
    ignoreIcc: true,
    failOn: strictness(format),
    limitInputPixels: false,
    autoOrient: upright,
    pages: 1,
  };
}

/** The header of a file, checked against the limits. */
export async function readSharpHeader(
  bytes: Uint8Array,
  format: ImageFormat,
  limits: ImageLimits,
): Promise<Metadata> {
  const metadata = await sharp(bytes, sharpOptions(format, false))
    .metadata()
    .catch((error: unknown) => {
      throw damagedBySharp(format, error);
    });
  checkSize(metadata.width, metadata.height, limits);
  checkFrames(metadata.pages ?? 1, limits);
  return metadata;
}

/**
 * Decodes JPEG, PNG, WebP, TIFF and AVIF with libvips to what Pillow's `convert("RGB")` gives: no ICC profile, alpha
 * dropped, 16-bit colours by their high byte, 16-bit and deeper grays clipped, CMYK by Pillow's formula.
 *
 * @param exif 'apply' turns the image upright. A TIFF always is, as Pillow does when it loads one; so is an AVIF, by
 *   its container's own rotation.
 * @throws WebsslError IMAGE_DAMAGED, IMAGE_TOO_LARGE
 */
export async function decodeWithSharp(
  bytes: Uint8Array,
  format: ImageFormat,
  limits: ImageLimits,
  exif: 'ignore' | 'apply',
): Promise<DecodedImage> {
  const metadata = await readSharpHeader(bytes, format, limits);
  const { recorded, applied } = orientationToApply(metadata, format, exif);
  const image = await readPixels(
    sharp(bytes, sharpOptions(format, applied !== 1)),
    metadata,
    bytes,
    format,
  ).catch((error: unknown) => {
    throw damagedBySharp(format, error);
  });
  return {
    ...image,
    format,
    stored: { width: metadata.width, height: metadata.height },
    recordedOrientation: recorded,
    orientation: applied,
  };
}

/** The orientation that the file records, and the one to apply. Pillow turns a TIFF upright whenever it loads one. */
export function orientationToApply(
  { orientation }: Metadata,
  format: ImageFormat,
  exif: 'ignore' | 'apply',
): { recorded: Orientation; applied: Orientation } {
  const recorded = isOrientation(orientation) ? orientation : 1;
  return { recorded, applied: exif === 'apply' || format === 'tiff' ? recorded : 1 };
}

async function readPixels(
  pipeline: Sharp,
  metadata: Metadata,
  bytes: Uint8Array,
  format: ImageFormat,
): Promise<PixelImage> {
  const { space, depth } = metadata;
  if (space === 'cmyk') {
    const cmyk = await rawSamples(pipeline, 'cmyk', depth === 'ushort' ? 'ushort' : 'uchar');
    const samples = cmyk.data instanceof Uint8Array ? cmyk.data : highBytes(cmyk.data);
    return { ...cmyk.size, channels: 3, data: cmykToRgb(samples, cmyk.channels) };
  }
  if (space === 'grey16' || space === 'rgb16') {
    const wide = await rawSamples(pipeline.removeAlpha(), space, depth === 'short' ? 'short' : 'ushort');
    if (wide.channels === 3) return { ...wide.size, channels: 3, data: highBytes(wide.data) };
    const hasAlphaChannel = format === 'png' ? bytes[pngColourType] === 4 : metadata.hasAlpha;
    const inverted = format === 'tiff' && depth === 'ushort' && whiteIsZero(bytes);
    const data = hasAlphaChannel ? highBytes(wide.data) : clipGray(wide.data, inverted);
    return { ...wide.size, channels: 1, data };
  }
  const { data, channels, size } = await rawSamples(pipeline.removeAlpha(), undefined, 'uchar');
  if (!(data instanceof Uint8Array) || (channels !== 1 && channels !== 3)) {
    throw new Error(`the decoder gave ${channels} channels`);
  }
  return { ...size, channels, data };
}

/** Offset of the colour type in a PNG: 4 is gray with alpha. Gray with one transparent value is not. */
const pngColourType = 25;

interface Samples {
  readonly data: Uint8Array | Uint16Array | Int16Array;
  readonly channels: number;
  readonly size: { readonly width: number; readonly height: number };
}

/** Samples as they are stored, in a colour space that needs no conversion where one is named. */
async function rawSamples(
  pipeline: Sharp,
  space: 'cmyk' | 'grey16' | 'rgb16' | undefined,
  depth: 'uchar' | 'ushort' | 'short',
): Promise<Samples> {
  const unconverted =
    space === undefined ? pipeline : pipeline.pipelineColourspace(space).toColourspace(space);
  const { data, info } = await unconverted.raw({ depth }).toBuffer({ resolveWithObject: true });
  const size = { width: info.width, height: info.height };
  if (depth === 'uchar') return { data, channels: info.channels, size };
  const Wide = depth === 'short' ? Int16Array : Uint16Array;
  // Sharp's buffers begin at any address.
  const aligned = data.byteOffset % 2 === 0 ? data : Uint8Array.from(data);
  return {
    data: new Wide(aligned.buffer, aligned.byteOffset, aligned.byteLength / 2),
    channels: info.channels,
    size,
  };
}

function highBytes(samples: Samples['data']): Uint8Array {
  const bytes = new Uint8Array(samples.length);
  for (let index = 0; index < samples.length; index += 1) bytes[index] = (samples[index] ?? 0) >> 8;
  return bytes;
}

/** Clips to 0..255. libvips has turned white-is-zero grays round, which Pillow leaves alone: they are turned back. */
function clipGray(samples: Samples['data'], inverted: boolean): Uint8Array {
  const clipped = new Uint8ClampedArray(samples.length);
  for (let index = 0; index < samples.length; index += 1) {
    const sample = samples[index] ?? 0;
    clipped[index] = inverted ? 65_535 - sample : sample;
  }
  return new Uint8Array(clipped.buffer);
}

/** What libvips complains of, as an error of this package. It repeats itself line by line: the first line says it. */
export function damagedBySharp(format: ImageFormat, error: unknown): Error {
  const message = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  if (message.includes('support is not configured')) {
    const advice = 'Save it without compression, or as PNG.';
    return unsupported(
      `This ${format.toUpperCase()} is compressed in an unknown way ("${message}")`,
      advice,
      error,
    );
  }
  return damaged(format.toUpperCase(), `the decoder says "${message}"`, error);
}
