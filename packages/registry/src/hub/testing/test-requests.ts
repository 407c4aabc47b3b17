import type { IncomingMessage } from 'node:http';
import { startProxyDouble } from '@webssl-tooling/hub-double';
import { onTestFinished } from 'vitest';
import { type HubAnswer, HubRequests } from '../hub-requests.js';
import type { HubSettings } from '../hub-settings.js';
import { readProxyRules } from '../proxy-rules.js';
import type { RedirectGuard } from '../redirect-guard.js';
import { id, serverOf, settingsFor } from './test-hub.js';

/** Shown by every client of {@link requestsFor}. */
export const token = 'hf_verysecret';

/** Requests that end with the test. */
export function requestsFor(
  endpoint: string,
  overrides: Partial<HubSettings> = {},
  guard?: RedirectGuard,
): HubRequests {
  const requests = new HubRequests(settingsFor(endpoint, { token, ...overrides }), guard);
  onTestFinished(() => requests.close());
  return requests;
}

/** An answer whose body is not yet read. */
export async function ask(requests: HubRequests, path: string): Promise<HubAnswer> {
  return await requests.get({
    method: 'GET',
    url: new URL(requests.settings.endpoint + path),
    purpose: 'metadata',
    subject: { id, revision: 'main' },
    signal: undefined,
  });
}

/** An answer with the text of its body. */
export async function get(requests: HubRequests, path: string) {
  const answer = await ask(requests, path);
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  return { ...answer, text: Buffer.concat(chunks).toString() };
}

/** A server that keeps what it was asked and answers with a redirect, or with `ok`. */
export async function recorder(redirects: Readonly<Record<string, string>> = {}, status = 302) {
  const seen: IncomingMessage[] = [];
  const endpoint = await serverOf((request, response) => {
    seen.push(request);
    const location = redirects[request.url ?? ''];
    if (location === undefined) response.end('ok');
    else response.writeHead(status, { Location: location }).end('elsewhere');
  });
  return { endpoint, seen };
}

/** A proxy that knows names which no name service does, and the settings to use it. */
export async function proxied(hosts: Readonly<Record<string, string>>, noProxy = '') {
  const proxy = await startProxyDouble({ hosts });
  onTestFinished(() => proxy.close());
  const proxies = readProxyRules({ HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, NO_PROXY: noProxy });
  return { proxy, proxies };
}
