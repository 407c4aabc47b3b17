import { WebsslError } from '@webssl/backend';
import type { Size } from './geometry.js';

/** The file is what it says it is, but broken: cut off, or with values that cannot be. */
export function damaged(format: string, problem: string, cause?: unknown): WebsslError {
  return new WebsslError({
    code: 'IMAGE_DAMAGED',
    message: `The ${format} image is damaged: ${problem}. Fetch or export the file again.`,
    cause,
    details: { format },
  });
}

/** The file is sound, but of a kind that the reference cannot read or that this package leaves out. */
export function unsupported(problem: string, advice: string, cause?: unknown): WebsslError {
  return new WebsslError({
    code: 'IMAGE_FORMAT_UNSUPPORTED',
    message: `${problem}. ${advice}`,
    cause,
  });
}

/** One of the limits is passed. */
export function tooLarge(what: string, actual: number, limit: number, option: string): WebsslError {
  return new WebsslError({
    code: 'IMAGE_TOO_LARGE',
    message: `The image has ${what}: more than the limit of ${limit}. Raise limits.${option} if that is meant.`,
    details: { actual, limit, option },
  });
}

/** What the model would see passes the limit, however small the image itself is. */
export function tooLargeForModel({ width, height }: Size, limit: number): WebsslError {
  return new WebsslError({
    code: 'IMAGE_TOO_LARGE',
    message: `Resized for the model the image would have ${width} x ${height} pixels: more than the limit of ${limit}. Choose a smaller image size, cut the image, or raise limits.pixels if that is meant.`,
    details: { actual: width * height, limit, option: 'pixels' },
  });
}
