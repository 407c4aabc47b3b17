export { plantOutliers } from './plant-outliers.js';
