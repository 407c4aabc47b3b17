export type { AccuracyOptions, AccuracyResult, ImageDifference } from './accuracy/accuracy-options.js';
export { type CompareTensorFilesOptions, compareTensorFiles } from './accuracy/compare-tensor-files.js';
export { measureAccuracy } from './accuracy/measure-accuracy.js';
export { type EvaluateOptions, type Evaluation, evaluate } from './evaluate.js';
export { syntheticTestImages } from './images/synthetic-test-images.js';
export {
  measurePerformance,
  type PerformanceOptions,
  type PerformanceResult,
} from './performance/measure-performance.js';
export { resultsSchema } from './report/results-file.js';
export { type ReportContent, writeReport } from './report/write-report.js';
export { type DeviceChoice, deviceLabel } from './run/device-choice.js';
export type { EvaluationOptions } from './run/evaluation-options.js';
export {
  type ModelStatistics,
  type ModelStatisticsOptions,
  measureModel,
} from './statistics/model-statistics.js';
export { drawFrontier } from './tuning/frontier-picture.js';
export { keepsBound } from './tuning/search-frontier.js';
export { tuneModel } from './tuning/tune-model.js';
export type {
  FrontierPoint,
  LayerShare,
  LinearShare,
  TuneOptions,
  TuningResult,
} from './tuning/tune-options.js';
