export { aclNative } from './acl-native.js';
export type { AclNativeOptions } from './acl-native-options.js';
export { type AdoptOptions, adoptOfflineModel } from './compile/adopt-offline-model.js';
export {
  type ExportOptions,
  type ExportResult,
  exportOfflineModel,
} from './compile/export-offline-model.js';
export {
  type OfflineModel,
  type OfflineModelManifest,
  type OfflinePrecision,
  offlinePrecisions,
} from './compile/manifest.js';
