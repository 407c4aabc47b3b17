export { parseCount, parseImageSize, parseNames, parsePort } from './arguments.js';
export { checkpointProgress } from './checkpoint-progress.js';
export { compilerReporter } from './compiler-reporter.js';
export { describeDevices } from './describe-devices.js';
export { type DeviceOptions, withDeviceOptions } from './device-options.js';
export { exitCode } from './exit-code.js';
export { formatBytes, formatDuration, formatPercent } from './format.js';
export {
  type HubOptions,
  hubOptions,
  withCacheOption,
  withHubOptions,
  withPlaceOptions,
} from './hub-options.js';
export { offlineModelDevice } from './offline-model-device.js';
export {
  deviceHelp,
  exifOption,
  imageSizeOption,
  modelHelp,
  offlineModelOption,
  resizeOption,
} from './option-help.js';
export { PullReporter } from './pull-reporter.js';
export { quantizeProgress } from './quantize-progress.js';
export { referenceModel } from './reference-model.js';
export { reportLoading } from './report-loading.js';
export { type CreateProgram, type ProgramSettings, runProgram } from './run-program.js';
export { describeError, type Progress, type StatusLine, type Terminal } from './terminal.js';
