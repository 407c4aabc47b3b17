export { type LinearLayer, type LinearRole, linearLayers } from '../layer-tensors.js';
export { activationPeaksModel, peaksName } from './activation-peaks.js';
export {
  type DerivedFile,
  listDerivedFiles,
  makeCacheFolder,
  modelName,
  removeDerivedFiles,
} from './derived-files.js';
export type { DerivedWeightsOptions, QuantizeProgress } from './derived-weights.js';
export { plannedGraph } from './planned-graph.js';
export { type QuantizationPlan, readQuantizationPlan, storeQuantizationPlan } from './quantization-plan.js';
export type { WeightBits } from './quantize-matrix.js';
export { rememberedFingerprint } from './remembered-fingerprint.js';
export { type Smoothing, type SmoothingPlace, smoothingPlaces } from './smoothing.js';
export { openWorkbench, type Workbench } from './workbench.js';
