import { createHash } from 'node:crypto';
import { type Tensor, WebsslError } from '@webssl/backend';
import type { ProcessorConfig } from '@webssl/preprocess';
import { loadTestImages, testImageSources } from '../images/load-test-images.js';
import type { TuneOptions } from './tune-options.js';

/** An image as the model is given it. */
export interface TuningImage {
  readonly name: string;
  /** `[1, 3, H, W]` */
  readonly pixels: Tensor;
  /** SHA-256 of the pixel values, little endian. */
  readonly sha256: string;
}

/**
 * Reads and prepares the images; those that cannot be used are told and left out.
 * @throws WebsslError `EVALUATION_IMAGES_UNUSABLE` where none is left; the signal's reason
 */
export async function loadTuningImages(
  { images: paths, signal, onUnusableImage }: TuneOptions,
  processor: ProcessorConfig,
): Promise<readonly TuningImage[]> {
  const images: TuningImage[] = [];
  for await (const image of loadTestImages(testImageSources(paths), processor, { signal })) {
    if ('error' in image) {
      onUnusableImage?.(image.name, image.error);
      continue;
    }
    const { data, dims } = image.pixelValues;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    images.push({
      name: image.name,
      pixels: { data, dims: [1, ...dims] },
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
  }
  if (images.length > 0) return images;
  throw new WebsslError({
    code: 'EVALUATION_IMAGES_UNUSABLE',
    message: 'None of the images can be used, and without any nothing can be measured. Name at least one.',
  });
}
