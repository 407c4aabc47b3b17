export type { Checkpoint } from './checkpoint.js';
export type { ModelConfig } from './model-config.js';
