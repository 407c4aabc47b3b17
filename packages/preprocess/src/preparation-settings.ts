import type { ImageLimits } from './image-limits.js';
import type { ProcessorConfig } from './processor-config.js';

/** What is done to every image. */
export interface PreparationSettings {
  readonly config: ProcessorConfig;
  readonly exif: 'ignore' | 'apply';
  readonly resize: 'exact' | 'fast';
  readonly limits: ImageLimits;
}
