import type { ReadableStream } from 'node:stream/web';

/** Pixels that are already decoded, row by row without gaps. Of four channels the last one, alpha, is dropped. */
export interface RawPixels {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
}

/**
 * An image: a path, a `file:` URL, a `data:` URI, the bytes of an encoded image, a Node or web stream of such bytes, or
 * decoded pixels. Bytes and pixels must not change until the image is processed.
 */
export type ImageInput =
  | string
  | URL
  | Uint8Array
  | AsyncIterable<Uint8Array>
  | ReadableStream<Uint8Array>
  | RawPixels;
