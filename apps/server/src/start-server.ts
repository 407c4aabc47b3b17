import type { AddressInfo } from 'node:net';
import { WebsslError } from '@webssl/backend';
import { type Encoder, type LoadEncoderOptions, loadEncoder } from '@webssl/encoder';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { type ApiKeys, openApiKeys } from './access/api-keys.js';
import { RateLimits } from './access/rate-limits.js';
import { backOff, DeviceWatch } from './device/device-watch.js';
import { createApp } from './http/create-app.js';
import { ServerMetrics } from './metrics/server-metrics.js';
import { packageVersion } from './package-folder.js';
import type { RemoteImageSettings } from './remote-images/remote-image-settings.js';
import { createRemoteImages, type RemoteImages } from './remote-images/remote-images.js';
import type { ServerSettings } from './server-settings.js';
import { openTelemetry } from './telemetry/open-telemetry.js';

export interface StartServerOptions {
  /** As `loadEncoder` takes it. */
  readonly model: string;
  /** The device, the processing of images, where the model comes from. */
  readonly encoder: Omit<LoadEncoderOptions, 'queue' | 'limits' | 'onBatch' | 'onDeviceLost' | 'reopenDelay'>;
  readonly settings: ServerSettings;
  readonly host: string;
  /** 0 lets the system choose one. */
  readonly port: number;
  readonly logger: Logger;
  /** What is computed to find out whether a device is well. */
  readonly checkImage: Uint8Array;
  /** Milliseconds that this may take on a device that was lost, with its opening. Default: two minutes. */
  readonly checkTimeout?: number;
  readonly apiKeysFile?: string;
  /** Absent: images are not fetched. */
  readonly remoteImages?: RemoteImageSettings;
  /** Where the variables of OpenTelemetry are read. Default: those of the process. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** A server that listens. */
export interface RunningServer {
  /** Where it listens, such as `http://127.0.0.1:8000`. */
  readonly address: string;
  readonly encoder: Encoder;
  /** Settles once a device has computed an image. */
  readonly ready: Promise<void>;
  /**
   * Takes no more, finishes what it has, and ends. Idempotent.
   *
   * @param drainMilliseconds what is not finished then is answered with 503
   */
  close(drainMilliseconds?: number): Promise<void>;
}

/** Retries of a session in a row that come at once, because one loss may be an accident. */
const promptRetries = 1;

/** How often connections that have got idle are closed while the server ends. */
const sweepMilliseconds = 50;
/** For the answers to those whose images are given up. */
const lastAnswersMilliseconds = 250;

/**
 * Loads the model and listens; the device is tried out beside.
 *
 * @throws what `loadEncoder` throws; WebsslError `API_KEYS_FILE_*`, `SERVER_ADDRESS_UNUSABLE`
 */
export async function startServer(options: StartServerOptions): Promise<RunningServer> {
  const { settings, logger } = options;
  const metrics = new ServerMetrics();
  const opened: (() => unknown)[] = [];
  const closeAll = async () => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    const apiKeys = await openKeys(options);
    if (apiKeys !== undefined) opened.push(() => apiKeys.close());
    const remoteImages = openRemoteImages(options);
    if (remoteImages !== undefined) opened.push(() => remoteImages.close());
    const telemetry = await openTelemetry(options.environment ?? process.env, packageVersion());
    if (telemetry !== undefined) opened.push(() => telemetry.close());
    let watch: DeviceWatch | undefined;
    const encoder = await loadEncoder(options.model, {
      ...options.encoder,
      queue: { items: settings.limits.queueImages, bytes: settings.limits.queueBytes },
      limits: { bytes: settings.limits.imageBytes, pixels: settings.limits.imagePixels },
      reopenDelay: (losses) => (losses <= promptRetries ? 0 : backOff(losses - promptRetries)),
      onBatch: (batch) => {
        metrics.batchEnded(batch);
        telemetry?.batchEnded(batch);
      },
      onDeviceLost: ({ device, error, retired }) => {
        logger.error({ device: device?.name, err: error, retired }, 'a device was lost');
        metrics.deviceLost();
        watch?.deviceLost();
      },
    });
    opened.push(() => encoder.close());
    watch = new DeviceWatch({
      encoder,
      image: options.checkImage,
      checkTimeout: options.checkTimeout,
      log: logger,
    });
    const app = await createApp({
      encoder,
      watch,
      settings,
      metrics,
      logger,
      rates: new RateLimits(),
      ...(apiKeys === undefined ? {} : { apiKeys }),
      ...(remoteImages === undefined ? {} : { remoteImages }),
      ...(telemetry === undefined ? {} : { telemetry }),
    });
    opened.push(() => app.close());
    await listen(app, options);
    return runningServer(app, encoder, watch, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function runningServer(
  app: FastifyInstance,
  encoder: Encoder,
  watch: DeviceWatch,
  closeAll: () => Promise<void>,
): RunningServer {
  const ready = watch.start();
  let closing: Promise<void> | undefined;
  const close = async (drainMilliseconds: number) => {
    await watch.stop();
    const drained = app.close();
    let late = false;
    // Clients keep a connection after its last answer, for a next request that would be refused.
    const sweeping = setInterval(() => app.server.closeIdleConnections(), sweepMilliseconds);
    let cutting: NodeJS.Timeout | undefined;
    const draining = setTimeout(() => {
      late = true;
      // Whoever still waits gets an error of the encoder; who does not take it is cut off. `closeAll` tells if this fails.
      encoder.close().catch(() => undefined);
      cutting = setTimeout(() => app.server.closeAllConnections(), lastAnswersMilliseconds);
    }, drainMilliseconds);
    await drained;
    clearInterval(sweeping);
    clearTimeout(draining);
    clearTimeout(cutting);
    if (late) app.log.warn('not everything was finished in time');
    await closeAll();
  };
  return {
    address: addressOf(app),
    encoder,
    ready,
    close: (drainMilliseconds = 0) => {
      closing ??= close(drainMilliseconds);
      return closing;
    },
  };
}

async function openKeys({ apiKeysFile, logger }: StartServerOptions): Promise<ApiKeys | undefined> {
  if (apiKeysFile === undefined) return undefined;
  return openApiKeys(apiKeysFile, {
    onReload: (count) => logger.info({ keys: count }, 'API keys were read again'),
    onProblem: (error) =>
      logger.error({ err: error }, 'API keys could not be read again; the old ones count'),
  });
}

function openRemoteImages({ remoteImages }: StartServerOptions): RemoteImages | undefined {
  return remoteImages === undefined ? undefined : createRemoteImages(remoteImages);
}

async function listen(app: FastifyInstance, { host, port }: StartServerOptions): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new WebsslError({
      code: 'SERVER_ADDRESS_UNUSABLE',
      message: `Cannot listen on ${host} port ${port}: ${reasons[code ?? ''] ?? code}. Choose another with --host and --port.`,
      cause: error,
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'ports below 1024 are for the superuser',
  ENOTFOUND: 'there is no such host',
};

function addressOf(app: FastifyInstance): string {
  const { address, family, port } = app.server.address() as AddressInfo;
  const scheme = app.initialConfig.https === undefined ? 'http' : 'https';
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
