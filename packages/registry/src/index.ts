export { hubCacheFolder } from './cache/hub-cache-folder.js';
export type { VerifiedFile, VerifyProgress } from './cache/verify-snapshot.js';
export { cacheFolder } from './cache-folder.js';
export { type CatalogueEntry, catalogue, findCatalogueEntry } from './catalogue.js';
export type { Checkpoint } from './checkpoint.js';
export { configJson, processorJson } from './config-files.js';
export type { HubFile, HubHash } from './hub/hub-file.js';
export type { HubOptions } from './hub/hub-settings.js';
export { readToken, type TokenOptions } from './hub/hub-token.js';
export { isPrivateAddress, isPrivateHost } from './hub/private-address.js';
export { type ModelOnDisk, modelsOnDisk } from './keep/models-on-disk.js';
export { type RemovedModel, removeModel } from './keep/remove-model.js';
export {
  repairModel,
  type VerifiedModel,
  type VerifyModelOptions,
  verifyModel,
} from './keep/verify-model.js';
export { type LocatedModel, type LocateOptions, locateModel } from './locate-model.js';
export type { ModelConfig } from './model-config.js';
export { parseModelReference } from './model-reference.js';
export { type OpenCheckpointOptions, openCheckpoint } from './open-checkpoint.js';
export { parseModelConfig } from './parse-model-config.js';
export type { PlannedFile, PullEvent, PullPlan, PullProgress } from './pull/pull-event.js';
export { pullModel } from './pull/pull-model.js';
export type { PullOptions } from './pull/pull-options.js';
export { readProcessorConfig } from './read-processor-config.js';
export {
  type HubCacheServer,
  type ServedRequest,
  type ServeHubCacheOptions,
  serveHubCache,
} from './serve/serve-hub-cache.js';
export { type TensorSpecification, tensorLayout } from './tensor-layout.js';
export { defaultRetryPolicy, type RetryNotice, type RetryPolicy } from './transfer/retry.js';
