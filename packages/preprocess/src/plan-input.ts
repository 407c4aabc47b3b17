import type { Orientation } from './formats/orientation.js';
import { type ImageGeometry, planGeometry, type Size } from './geometry.js';
import { checkSize } from './image-limits.js';
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
  checkSize(geometry.input.width, geometry.input.height, limits);
  return geometry;
}
