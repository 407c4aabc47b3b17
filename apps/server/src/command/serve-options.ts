import type { DeviceOptions, HubOptions } from '@webssl/command-line';

/** The options of `serve`, as the command line gives them; those of the limits are in the limits table. */
export interface ServeOptions extends HubOptions, DeviceOptions {
  readonly model: string;
  readonly mode: 'coldStart' | 'throughput';
  readonly sessions?: number;
  /** Seconds. */
  readonly deviceTimeout: number;
  readonly host: string;
  readonly port: number;
  readonly servedModelName?: string;
  readonly feature: 'cls' | 'mean';
  readonly normalize: boolean;
  readonly onlyFeatures?: readonly string[];
  readonly maxBatchWaitMs: number;
  readonly apiKeysFile?: string;
  readonly imagesPerMinute?: number;
  readonly corsOrigin: readonly string[];
  readonly hostName: readonly string[];
  readonly trustProxy: readonly string[];
  readonly allowUrlHost: readonly string[];
  readonly allowHttpUrls: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  /** Seconds. */
  readonly drainTimeout: number;
  readonly logLevel: string;
}
