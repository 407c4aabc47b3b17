import type { Orientation } from './formats/orientation.js';
import { type ImageGeometry, planGeometry, type Size } from './geometry.js';
import { tooLargeForModel } from './image-error.js';
import type { PreparationSettings } from './preparation-settings.js';

/**
 * Plans how an image becomes the model's input, within the limits: a long, narrow image becomes huge when its short
 * side is enlarged and nothing is cropped.
 *
 * @throws WebsslError IMAGE_TOO_LARGE
 */
export function planInput(
  stored: Size,
  orientation: Orientation,
  { config, limits }: PreparationSettings,
): ImageGeometry {
  const geometry = planGeometry(stored, orientation, config);
  const { width, height } = geometry.input;
  if (width * height > limits.pixels) throw tooLargeForModel(geometry.input, limits.pixels);
  return geometry;
}
