export { problemOf } from './device-problem.js';
export { type ElfHeader, processorMismatch, readElfHeader } from './elf-header.js';
export { guardExit } from './exit-guard.js';
export { exportedFile } from './exported-file.js';
export type { ServedDevice } from './messages.js';
export { NativeCallFlag } from './native-call-flag.js';
export { type HostedSessionOptions, openHostedSession } from './open-hosted-session.js';
export {
  type DeviceProbeOptions,
  probeDevicesInChildren,
  type TouchedDevices,
} from './probe-devices-in-children.js';
export { type ProbeOptions, probeInChild } from './probe-in-child.js';
export { serveBackend } from './serve-backend.js';
export type { NativeCall, ServedBackend, ServedRun, ServedSession } from './served-backend.js';
export { shellQuote } from './shell-quote.js';
export { untilAborted } from './until-aborted.js';
