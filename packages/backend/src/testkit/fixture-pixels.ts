import type { PixelBatch } from '../tensor.js';
import { fixtureShape } from './fixture-shape.js';

const { imageSize } = fixtureShape;
const valuesPerImage = 3 * imageSize * imageSize;

/** A batch of the fixture's images, by their numbers (0, 1, 2, ...): noise in the range of normalised pixels, each image another. */
export function fixturePixels(images: readonly number[]): PixelBatch {
  const data = new Float32Array(images.length * valuesPerImage);
  images.forEach((image, row) => {
    data.set(imageValues(image), row * valuesPerImage);
  });
  return { data, dims: [images.length, 3, imageSize, imageSize] };
}

/** A linear congruential sequence (multiplier and increment from Numerical Recipes), spread over -2.2 to 2.6. */
function imageValues(image: number): Float32Array {
  let state = (image + 1) * 2_654_435_761;
  return Float32Array.from({ length: valuesPerImage }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 32) * 4.8 - 2.2;
  });
}
