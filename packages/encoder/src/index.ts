export type { BatchReport, QueueLimits, Room, SchedulerState } from '@webssl/scheduler';
export type { BatchingOptions } from './batching-options.js';
export { type DeviceSpecification, parseDevice } from './device-specification.js';
export type { DeviceCheck, DeviceLoss, DeviceState } from './device-state.js';
export type { Encoder } from './encoder.js';
export type {
  EncodeAllOptions,
  EncodeOptions,
  EncodeResult,
  EncoderInfo,
  Features,
  ImageReservation,
} from './encoder-types.js';
export { type Demand, demandOf, type Feature, parseFeature } from './feature.js';
export { type LoadEncoderOptions, loadEncoder } from './load-encoder.js';
export { type CustomModel, type OpenedModel, type OpenModelOptions, openModel } from './open-model.js';
export { type BackendReport, probeDevices } from './probe-devices.js';
export type { AscendOptions, CpuOptions } from './resolve-backend.js';
export { type DeviceOptions, type ResolvedDevice, resolveDevice } from './resolve-device.js';
