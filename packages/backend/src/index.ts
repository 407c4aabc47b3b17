export type { BackendErrorCode } from './backend-error-code.js';
export type {
  Backend,
  BackendSession,
  CloseReason,
  DeviceInfo,
  DeviceProblem,
  DeviceReport,
  DeviceSummary,
  Isolation,
  OpenOptions,
  RunOptions,
  RunResult,
  RunTiming,
} from './contract.js';
export type { ModelDescription, ModelPart, ModelSource, OnnxModel } from './model-source.js';
export type { OutputName, TokenSelection } from './outputs.js';
export type { Precision } from './precision.js';
export type { ImageSize, PixelBatch, Tensor } from './tensor.js';
export { WebsslError, type WebsslErrorOptions } from './webssl-error.js';
