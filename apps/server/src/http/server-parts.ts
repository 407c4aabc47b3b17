import type { Encoder } from '@webssl/encoder';
import type { Logger } from 'pino';
import type { ApiKeys } from '../access/api-keys.js';
import type { RateLimits } from '../access/rate-limits.js';
import type { DeviceWatch } from '../device/device-watch.js';
import type { ServerMetrics } from '../metrics/server-metrics.js';
import type { RemoteImages } from '../remote-images/remote-images.js';
import type { ServerSettings } from '../server-settings.js';
import type { Telemetry } from '../telemetry/telemetry.js';

/** What the routes work with. */
export interface ServerParts {
  readonly encoder: Encoder;
  readonly watch: DeviceWatch;
  readonly settings: ServerSettings;
  readonly metrics: ServerMetrics;
  readonly logger: Logger;
  readonly rates: RateLimits;
  /** Absent: nobody needs a key. */
  readonly apiKeys?: ApiKeys;
  /** Absent: images are not fetched. */
  readonly remoteImages?: RemoteImages;
  /** Absent: nothing is sent. */
  readonly telemetry?: Telemetry;
}
