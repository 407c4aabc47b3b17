import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type HubDouble,
  type HubDoubleFile,
  type HubDoubleOptions,
  startHubDouble,
} from '@webssl-tooling/hub-double';
import { onTestFinished } from 'vitest';
import type { ByteStream } from '../../transfer/byte-source.js';
import type { RetryPolicy } from '../../transfer/retry.js';
import { type HubClient, type HubClientOptions, openHubClient } from '../hub-client.js';
import type { HubSettings } from '../hub-settings.js';

export const id = 'owner/model';

export const untilAborted = (): AbortSignal => new AbortController().signal;

/** Tries again at once, three times in all. */
const hasty: RetryPolicy = {
  attempts: 3,
  firstDelayMilliseconds: 1,
  longestDelayMilliseconds: 1,
  longestRetryAfterMilliseconds: 5000,
};

export function settingsFor(endpoint: string, overrides: Partial<HubSettings> = {}): HubSettings {
  return {
    endpoint,
    token: undefined,
    offline: false,
    metadataTimeoutMilliseconds: 10_000,
    downloadTimeoutMilliseconds: 10_000,
    proxies: [],
    ...overrides,
  };
}

/** A client that is closed when the test ends. */
export function clientFor(
  endpoint: string,
  overrides: Partial<HubSettings> = {},
  options: HubClientOptions = {},
): HubClient {
  const client = openHubClient(settingsFor(endpoint, overrides), { retry: hasty, ...options });
  onTestFinished(() => client.close());
  return client;
}

/** A hub with one repository. */
export async function hubWith(
  files: Readonly<Record<string, HubDoubleFile>>,
  options: Partial<HubDoubleOptions> = {},
): Promise<HubDouble> {
  const hub = await startHubDouble({ repositories: [{ id, commits: [{ files }] }], ...options });
  onTestFinished(() => hub.close());
  return hub;
}

/** A server for answers that the double does not give. */
export async function serverOf(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function contentOf({ body }: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
