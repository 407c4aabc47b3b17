export { cosineSimilarity, maximumAbsoluteError, nmse, type Values } from './comparison.js';
export { meanAttentionEntropy } from './entropy.js';
export { median, percentile } from './percentile.js';
