export type { ProcessorConfig, ResampleFilter } from './processor-config.js';
