export type { ImageFormat } from './formats/image-format.js';
export type { Orientation } from './formats/orientation.js';
export type { Box, BoxCoordinates, ImageGeometry, Size } from './geometry.js';
export type { ImageInput, RawPixels } from './image-input.js';
export type { ImageLimits } from './image-limits.js';
export { parseProcessorConfig, withImageSize } from './parse-processor-config.js';
export { type PatchGrid, type PatchGridOptions, patchGrid } from './patch-grid.js';
export type { PixelValues } from './pixel-values.js';
export type { ImageSource, PreprocessedImage } from './prepare-image.js';
export {
  createPreprocessor,
  type Preprocessor,
  type PreprocessorOptions,
  type ProcessOptions,
} from './preprocessor.js';
export type { ProcessorConfig, ResampleFilter } from './processor-config.js';
