import { tooLarge } from './image-error.js';

/** What an image may cost, checked before anything is decoded. */
export interface ImageLimits {
  /** Bytes of the encoded image. Default 256 MiB. */
  readonly bytes: number;
  /** Pixels of one frame, width times height; also of what the model would see. Default 100 million. */
  readonly pixels: number;
  /** Frames or pages that the file declares; only the first one is decoded. Default 10,000. */
  readonly frames: number;
}

export const defaultLimits: ImageLimits = {
  bytes: 256 * 1024 * 1024,
  pixels: 100_000_000,
  frames: 10_000,
};

/** @throws WebsslError IMAGE_TOO_LARGE */
export function checkSize(width: number, height: number, limits: ImageLimits): void {
  if (width * height > limits.pixels) {
    throw tooLarge(`${width} x ${height} pixels`, width * height, limits.pixels, 'pixels');
  }
}

/** @throws WebsslError IMAGE_TOO_LARGE */
export function checkFrames(frames: number, limits: ImageLimits): void {
  if (frames > limits.frames) throw tooLarge(`${frames} frames`, frames, limits.frames, 'frames');
}

/** @throws WebsslError IMAGE_TOO_LARGE */
export function checkBytes(bytes: number, limits: ImageLimits): void {
  if (bytes > limits.bytes) throw tooLarge(`${bytes} bytes`, bytes, limits.bytes, 'bytes');
}
