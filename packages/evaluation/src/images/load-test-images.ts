import {
  createPreprocessor,
  type PixelValues,
  type ProcessorConfig,
  type RawPixels,
} from '@webssl/preprocess';
import { syntheticTestImages } from './synthetic-test-images.js';

/** An image before it is read. */
export interface TestImageSource {
  /** The path as it was given, or the name of a synthetic image. */
  readonly name: string;
  readonly image: string | RawPixels;
}

/** An image as the model is given it. */
export interface TestImage {
  /** Its place among the images that were asked for, from 0. */
  readonly index: number;
  readonly name: string;
  readonly pixelValues: PixelValues;
  /** What the model sees: RGB, `[H, W, 3]`. */
  readonly rgb: Uint8Array;
}

/** An image that cannot be used, and why. */
export interface UnusableImage {
  readonly index: number;
  readonly name: string;
  readonly error: unknown;
}

/** The images of an evaluation: the paths, or without any the synthetic ones. */
export function testImageSources(paths: readonly string[] | undefined): readonly TestImageSource[] {
  return paths?.map((path) => ({ name: path, image: path })) ?? syntheticTestImages();
}

/**
 * Reads and prepares images one after the other, each when it is asked for, exactly as the reference prepares them.
 * An image that cannot be used takes no other with it.
 *
 * @throws the signal's reason; WebsslError `IMAGE_OPTION_INVALID` for a processor that is not supported
 */
export async function* loadTestImages(
  sources: readonly TestImageSource[],
  processor: ProcessorConfig,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<TestImage | UnusableImage, void, undefined> {
  const preprocessor = createPreprocessor(processor, { concurrency: 1 });
  const options = { rgb: true, ...(signal === undefined ? {} : { signal }) };
  try {
    for (const [index, { name, image }] of sources.entries()) {
      try {
        const { pixelValues, rgb } = await preprocessor.process(image, options);
        if (rgb === undefined) throw new Error('the preprocessor kept no RGB pixels');
        yield { index, name, pixelValues, rgb };
      } catch (error) {
        signal?.throwIfAborted();
        yield { index, name, error };
      }
    }
  } finally {
    await preprocessor.close();
  }
}
