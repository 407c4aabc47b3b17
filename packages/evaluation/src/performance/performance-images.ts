import type { RawPixels } from '@webssl/preprocess';
import sharp from 'sharp';
import { testImageSources } from '../images/load-test-images.js';

/** An image as a user has it: encoded. */
export interface PerformanceImage {
  /** As records call it. */
  readonly name: string;
  /** Path, or the bytes of a file. */
  readonly source: string | Uint8Array;
}

/** The user's images, else the synthetic ones as PNG: their decoding is measured, reading them from a disk is not. */
export async function performanceImages(
  paths: readonly string[] | undefined,
): Promise<readonly PerformanceImage[]> {
  return Promise.all(
    testImageSources(paths).map(async ({ name, image }) => ({
      name,
      source: typeof image === 'string' ? image : await encode(image),
    })),
  );
}

function encode({ data, width, height, channels }: RawPixels): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels } }).png().toBuffer();
}
