import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { type LimitName, limitNames, limitTable, resolveLimits } from '../limits/server-limits.js';
import type { RemoteImageSettings } from '../remote-images/remote-image-settings.js';
import type { ServerSettings } from '../server-settings.js';
import { checkOptions, optionInvalid } from './check-options.js';
import { optionOf } from './limit-options.js';
import type { ServeOptions } from './serve-options.js';

const redirectsOfAnImage = 5;

/**
 * How a server answers that is started with these options.
 *
 * @throws WebsslError `SERVER_OPTION_INVALID`, `SERVER_LIMIT_INVALID`
 */
export async function settingsOf(options: ServeOptions): Promise<ServerSettings> {
  checkOptions(options);
  const tls = await tlsOf(options);
  const { hostName, onlyFeatures, trustProxy, imagesPerMinute } = options;
  return {
    limits: resolveLimits(limitsOf(options)),
    modelName: options.servedModelName ?? (await publicName(options.model)),
    feature: options.feature,
    normalize: options.normalize,
    corsOrigins: options.corsOrigin,
    preparation: { exif: options.exif, resize: options.resize },
    // What listens on loopback is meant for this machine; elsewhere a proxy or the network decides.
    ...(isLoopback(options.host) || hostName.length > 0
      ? { hostNames: hostName.map((name) => name.toLowerCase()) }
      : {}),
    ...(onlyFeatures === undefined ? {} : { servedFeatures: onlyFeatures }),
    ...(trustProxy.length === 0 ? {} : { trustedProxies: trustProxy }),
    ...(imagesPerMinute === undefined ? {} : { imagesPerMinute }),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** Where a folder lies on this machine is nobody's business. */
async function publicName(model: string): Promise<string> {
  const isFolder = await stat(model).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  return isFolder ? basename(resolve(model)) : model;
}

function limitsOf(options: ServeOptions): Partial<Record<LimitName, number>> {
  const values = options as unknown as Readonly<Record<string, number | undefined>>;
  return Object.fromEntries(
    limitNames.flatMap((name) => {
      const value = values[optionOf(name)];
      if (value === undefined) return [];
      return [[name, limitTable[name].unit === 'milliseconds' ? Math.round(value * 1000) : value]];
    }),
  );
}

/** From which hosts a server with these options fetches images; undefined where from none. */
export function remoteImagesOf(
  { allowUrlHost, allowHttpUrls }: ServeOptions,
  { limits }: ServerSettings,
): RemoteImageSettings | undefined {
  if (allowUrlHost.length === 0) return undefined;
  return {
    allowedHosts: allowUrlHost,
    allowHttp: allowHttpUrls,
    maxBytes: limits.imageBytes,
    timeoutMilliseconds: limits.timeout,
    maxRedirects: redirectsOfAnImage,
  };
}

async function tlsOf({ tlsCert, tlsKey }: ServeOptions): Promise<ServerSettings['tls']> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw optionInvalid('TLS needs both --tls-cert and --tls-key.');
  }
  const certificate = await readPem(tlsCert, '--tls-cert');
  const key = await readPem(tlsKey, '--tls-key');
  try {
    createSecureContext({ cert: certificate, key });
  } catch (error) {
    throw optionInvalid(
      `--tls-cert and --tls-key are not a certificate and its key: ${(error as Error).message}.`,
      error,
    );
  }
  return { certificate, key };
}

async function readPem(path: string, flag: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw optionInvalid(`${flag}: ${path} cannot be read: ${(error as Error).message}.`, error);
  }
}

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
