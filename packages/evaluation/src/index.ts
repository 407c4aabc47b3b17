export { type ModelStatistics, type ModelStatisticsOptions, measureModel } from './model-statistics.js';
