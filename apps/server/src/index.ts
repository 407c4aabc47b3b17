export { type ApiKey, createApiKey } from './access/api-key.js';
export {
  type LimitDescription,
  type LimitName,
  limitTable,
  resolveLimits,
  type ServerLimits,
} from './limits/server-limits.js';
export type { RemoteImageSettings } from './remote-images/remote-image-settings.js';
export type { ServerSettings } from './server-settings.js';
export { type RunningServer, type StartServerOptions, startServer } from './start-server.js';
