import type { PixelValues } from '@webssl/preprocess';

/** The golden section. Its multiples, modulo 1, lie as far apart as multiples of one number can, however many they are. */
const goldenSection = (Math.sqrt(5) - 1) / 2;

/**
 * An image that is unlike all others of its batch, made of one of them, so that swapped rows are noticed: the values read
 * backwards, and rolled on by a part of their length that is another one for each variation.
 *
 * @param variation counted from 1; 0 is the image itself
 */
export function pixelVariation(image: PixelValues, variation: number): PixelValues {
  if (variation === 0) return image;
  const backwards = image.data.toReversed();
  const start = Math.floor(((variation * goldenSection) % 1) * backwards.length);
  const data = new Float32Array(backwards.length);
  data.set(backwards.subarray(start));
  data.set(backwards.subarray(0, start), backwards.length - start);
  return { data, dims: image.dims };
}
