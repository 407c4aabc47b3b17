export { createModelSource, type ModelSourceOptions } from './create-model-source.js';
export { type GraphInspection, type GraphValue, inspectGraph, type WeightRange } from './inspect-graph.js';
export type { QuantizeProgress } from './quantization/derived-weights.js';
