import { fileURLToPath } from 'node:url';
import { WebsslError } from '@webssl/backend';
import { decodeDataUri } from './data-uri.js';
import type { DecodedImage } from './formats/decoded-image.js';
import type { ImageInput, RawPixels } from './image-input.js';
import { checkBytes, checkSize, type ImageLimits } from './image-limits.js';
import { readStream } from './read-stream.js';
import { copyInSlices } from './slices.js';

/** An image on its way to a worker. Buffers are handed over, not copied again. */
export type ImageJob =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'pixels'; readonly image: DecodedImage };

/** A colon alone does not make a URL of a file name. */
const urlLike = /^(data:|[a-z][a-z0-9+.-]*:\/\/)/i;

/**
 * Collects what a worker needs of an image. Files are left to the worker; bytes are copied, because the caller keeps
 * them.
 *
 * @throws WebsslError IMAGE_INPUT_INVALID, IMAGE_URL_REFUSED, IMAGE_TOO_LARGE, IMAGE_UNREADABLE
 */
export async function toImageJob(
  input: ImageInput,
  limits: ImageLimits,
  signal: AbortSignal | undefined,
): Promise<ImageJob> {
  if (input instanceof URL) return fromUrl(input.href, limits);
  if (typeof input === 'string') {
    return urlLike.test(input) ? fromUrl(input, limits) : { kind: 'path', path: input };
  }
  if (input instanceof Uint8Array) {
    checkBytes(input.length, limits);
    return { kind: 'bytes', bytes: await copyInSlices(input) };
  }
  if (typeof input === 'object' && input !== null) {
    if (Symbol.asyncIterator in input) {
      return { kind: 'bytes', bytes: await readStream(input, limits, signal) };
    }
    if ('data' in input) return fromPixels(input, limits);
  }
  throw invalid(`an image cannot be ${input === null ? 'null' : typeof input}`);
}

async function fromUrl(url: string, limits: ImageLimits): Promise<ImageJob> {
  const scheme = url.slice(0, url.indexOf(':')).toLowerCase();
  if (scheme === 'data') return { kind: 'bytes', bytes: await decodeDataUri(url, limits) };
  if (scheme === 'file') {
    try {
      return { kind: 'path', path: fileURLToPath(url) };
    } catch (error) {
      throw invalid(`${url} names no local file`, error);
    }
  }
  throw new WebsslError({
    code: 'IMAGE_URL_REFUSED',
    message: `Images are not fetched from the network (${scheme}:). Fetch it first and give its bytes or its stream.`,
    details: { scheme },
  });
}

async function fromPixels(
  { data, width, height, channels }: RawPixels,
  limits: ImageLimits,
): Promise<ImageJob> {
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) {
    throw invalid('the data of raw pixels must be a Uint8Array or Uint8ClampedArray');
  }
  if (![width, height].every((side) => Number.isSafeInteger(side) && side > 0)) {
    throw invalid(`raw pixels cannot be ${width} x ${height}`);
  }
  if (![1, 3, 4].includes(channels)) throw invalid(`raw pixels have 1, 3 or 4 channels, not ${channels}`);
  if (data.length !== width * height * channels) {
    throw invalid(`${width} x ${height} pixels of ${channels} channels are not ${data.length} bytes`);
  }
  checkSize(width, height, limits);
  const image: DecodedImage = {
    data: await copyInSlices(data),
    width,
    height,
    channels,
    format: 'raw',
    stored: { width, height },
    recordedOrientation: 1,
    orientation: 1,
  };
  return { kind: 'pixels', image };
}

function invalid(problem: string, cause?: unknown): WebsslError {
  return new WebsslError({
    code: 'IMAGE_INPUT_INVALID',
    message: `This is no image: ${problem}. Give a path, bytes, a stream, a data: URI or raw pixels.`,
    cause,
  });
}
