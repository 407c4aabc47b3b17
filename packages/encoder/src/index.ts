export { type DeviceSpecification, parseDevice } from './device-specification.js';
export type {
  EncodeAllOptions,
  EncodeOptions,
  EncodeResult,
  Encoder,
  EncoderInfo,
  Features,
} from './encoder.js';
export { type Demand, demandOf, type Feature, parseFeature } from './feature.js';
export { type LoadEncoderOptions, loadEncoder } from './load-encoder.js';
export { type CustomModel, type OpenedModel, type OpenModelOptions, openModel } from './open-model.js';
export { type BackendReport, probeDevices } from './probe-devices.js';
export type { AscendOptions, CpuOptions } from './resolve-backend.js';
export { type DeviceOptions, type ResolvedDevice, resolveDevice } from './resolve-device.js';
export type { DeviceLoss } from './session-pool.js';
