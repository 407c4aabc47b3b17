export type { TensorEntry, TensorIndex, TensorType } from './tensor-index.js';
