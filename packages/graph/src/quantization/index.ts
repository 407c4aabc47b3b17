export { type LinearLayer, type LinearRole, linearLayers } from '../layer-tensors.js';
export { activationPeaksModel, peaksName } from './activation-peaks.js';
export {
  type DerivedFile,
  type DerivedWeightsFile,
  listDerivedFiles,
  makeCacheFolder,
  modelName,
  type PlanFile,
  removeDerivedFiles,
} from './derived-files.js';
export type { DerivedWeightsOptions, QuantizeProgress } from './derived-weights.js';
export type { QuantizationPlan } from './plan-schema.js';
export { plannedGraph } from './planned-graph.js';
export { readQuantizationPlan, storeQuantizationPlan } from './quantization-plan.js';
export type { WeightBits } from './quantize-matrix.js';
export { rememberedFingerprint } from './remembered-fingerprint.js';
export { type Smoothing, type SmoothingPlace, smoothingPlaces } from './smoothing.js';
export { openWorkbench, type Workbench } from './workbench.js';
