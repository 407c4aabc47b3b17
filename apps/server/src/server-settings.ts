import type { ConnectionTimes } from './http/connection-times.js';
import type { ServerLimits } from './limits/server-limits.js';

/** How the server answers. */
export interface ServerSettings {
  readonly limits: ServerLimits;
  /** The id under which the model is served. */
  readonly modelName: string;
  /** The feature that `/v1/embeddings` gives, and `/v1/features` where none is named. */
  readonly feature: 'cls' | 'mean';
  /** Whether feature vectors are divided by their L2 norm where the request does not say. */
  readonly normalize: boolean;
  /** The only features that are computed. Default: all that the model has. */
  readonly servedFeatures?: readonly string[];
  /** Images a minute of a client whose key does not say otherwise. Default: no limit. */
  readonly imagesPerMinute?: number;
  /** Origins of web pages that may ask. Default: the server's own page only. */
  readonly corsOrigins: readonly string[];
  /** Names under which clients reach the server; others are refused. Default: any. */
  readonly hostNames?: readonly string[];
  /** Addresses of proxies whose `X-Forwarded-*` are believed. Default: none. */
  readonly trustedProxies?: readonly string[];
  /** Default: those of a server on the open network. */
  readonly connectionTimes?: Partial<ConnectionTimes>;
  readonly tls?: { readonly certificate: Uint8Array; readonly key: Uint8Array };
  /** How images are prepared, besides the model's own processing; told by `/info`. */
  readonly preparation: { readonly exif: 'ignore' | 'apply'; readonly resize: 'exact' | 'fast' };
}
