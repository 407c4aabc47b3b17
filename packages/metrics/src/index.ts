export { type Comparison, type ComparisonProblem, compareTensors } from './compare-tensors.js';
export { cosineSimilarity, maximumAbsoluteError, nmse, type Values } from './comparison.js';
export { meanAttentionEntropy } from './entropy.js';
export { median, percentile } from './percentile.js';
export {
  type PrincipalComponents,
  type PrincipalComponentsOptions,
  principalComponents,
} from './principal-components.js';
export { compareHalves, type SampleHalves } from './sample-halves.js';
export { type SampleSummary, samplesForPercentile, summarizeSamples } from './sample-summary.js';
