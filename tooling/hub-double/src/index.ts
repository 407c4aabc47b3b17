export type { Fault, FaultRule } from './fault.js';
export { generatedBytes } from './generated-bytes.js';
export { type DescribedFile, type HubDouble, startHubDouble } from './hub-double.js';
export type {
  HubDoubleCommit,
  HubDoubleFile,
  HubDoubleOptions,
  HubDoubleRepository,
  MirrorQuirks,
} from './options.js';
export type { ProgramOptions } from './program-options.js';
export {
  type LoggedProxyRequest,
  type ProxyDouble,
  type ProxyDoubleOptions,
  startProxyDouble,
} from './proxy-double.js';
export { type RandomFaultPlanOptions, randomFaultPlan } from './random-fault-plan.js';
export type { LoggedRequest, RequestFilter } from './request-log.js';
export { type SpawnedHubDouble, spawnHubDouble } from './spawn-hub-double.js';
