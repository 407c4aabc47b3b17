export { type Comparison, type ComparisonProblem, compareTensors } from './compare-tensors.js';
export { cosineSimilarity, maximumAbsoluteError, nmse, type Values } from './comparison.js';
export { meanAttentionEntropy } from './entropy.js';
export { median, percentile } from './percentile.js';
