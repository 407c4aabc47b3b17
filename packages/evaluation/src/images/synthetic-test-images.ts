import type { RawPixels } from '@webssl/preprocess';
import { paintSmooth } from './smooth-image.js';
import { paintTexture } from './texture-image.js';

/** An image that an evaluation makes itself. */
export interface SyntheticTestImage {
  readonly name: 'synthetic:smooth' | 'synthetic:texture';
  readonly image: RawPixels;
}

const width = 640;
const height = 480;

/**
 * Two test images, RGB, 640 x 480: `synthetic:smooth` has gradients and slow waves alone, `synthetic:texture` edges and
 * texture of every size: checkerboards, rectangles, a disc, strokes like text, noise. What matters lies in the square in
 * the middle that a centre crop keeps. Whole-number arithmetic: every machine gives the same bytes.
 */
export function syntheticTestImages(): readonly SyntheticTestImage[] {
  return [
    { name: 'synthetic:smooth', image: paint(paintSmooth) },
    { name: 'synthetic:texture', image: paint(paintTexture) },
  ];
}

function paint(painter: (data: Uint8Array, width: number, height: number) => void): RawPixels {
  const data = new Uint8Array(width * height * 3);
  painter(data, width, height);
  return { data, width, height, channels: 3 };
}
