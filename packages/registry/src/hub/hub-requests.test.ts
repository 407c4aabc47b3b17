import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { startProxyDouble } from '@webssl-tooling/hub-double';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type HubRequest, HubRequests } from './hub-requests.js';
import type { HubSettings } from './hub-settings.js';
import { readProxyRules } from './proxy-rules.js';
import { type RedirectGuard, redirectGuard } from './redirect-guard.js';
import { selfSigned } from './testing/self-signed.js';
import { failureOf, id, refusalOf, serverOf, settingsFor } from './testing/test-hub.js';

const token = 'hf_verysecret';

function requestsFor(
  endpoint: string,
  overrides: Partial<HubSettings> = {},
  guard?: RedirectGuard,
): HubRequests {
  const requests = new HubRequests(settingsFor(endpoint, { token, ...overrides }), guard);
  onTestFinished(() => requests.close());
  return requests;
}

async function get(requests: HubRequests, path: string, more: Partial<HubRequest> = {}) {
  const answer = await requests.get({
    method: 'GET',
    url: new URL(requests.settings.endpoint + path),
    purpose: 'metadata',
    subject: { id, revision: 'main' },
    signal: undefined,
    ...more,
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  return { ...answer, text: Buffer.concat(chunks).toString() };
}

/** A server that keeps what it was asked and answers with a redirect, or with `ok`. */
async function recorder(redirects: Readonly<Record<string, string>> = {}, status = 302) {
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
async function proxied(hosts: Readonly<Record<string, string>>, noProxy = '') {
  const proxy = await startProxyDouble({ hosts });
  onTestFinished(() => proxy.close());
  const proxies = readProxyRules({ HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, NO_PROXY: noProxy });
  return { proxy, proxies };
}

describe('the token', () => {
  it.each([301, 302, 303, 307, 308])('goes to the endpoint and not where a %i leads', async (status) => {
    const elsewhere = await recorder();
    const hub = await recorder({ '/a': `${elsewhere.endpoint}/b` }, status);
    expect((await get(requestsFor(hub.endpoint), '/a')).text).toBe('ok');
    expect(hub.seen[0]?.headers.authorization).toBe(`Bearer ${token}`);
    expect(elsewhere.seen).toHaveLength(1);
    expect(JSON.stringify(elsewhere.seen[0]?.rawHeaders)).not.toContain(token);
  });

  it('goes along with a redirect within the endpoint, and comes back with one to it', async () => {
    const redirects: Record<string, string> = { '/a': '/b#part' };
    const hub = await recorder(redirects);
    const elsewhere = await recorder({ '/c': `${hub.endpoint}/d` });
    redirects['/b'] = `${elsewhere.endpoint}/c`;
    const answer = await get(requestsFor(hub.endpoint), '/a');
    expect(answer.url.href).toBe(`${hub.endpoint}/d`);
    expect(hub.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual(
      ['/a', '/b', '/d'].map((path) => [path, `Bearer ${token}`]),
    );
    expect(elsewhere.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('does not go to another port or name of the same host', async () => {
    const elsewhere = await recorder();
    const hub = await recorder({ '/a': elsewhere.endpoint.replace('127.0.0.1', 'localhost') });
    await get(requestsFor(hub.endpoint), '/a');
    expect(elsewhere.seen[0]?.headers.authorization).toBeUndefined();
  });

  it.each([
    ['a header', { 'X-Error-Message': `bad ${token}` }, ''],
    ['the body', {}, token],
    ['a header and a code', { 'X-Error-Code': 'GatedRepo', 'X-Error-Message': `\u009b31m${token}` }, ''],
  ])('is not in an error when a hub repeats it in %s', async (_, headers, body) => {
    const endpoint = await serverOf((_request, response) => response.writeHead(403, headers).end(body));
    const error = await refusalOf(get(requestsFor(endpoint), '/a'));
    expect(error.code).toBe('HUB_ACCESS_DENIED');
    const shown = inspect(error, { depth: 12, showHidden: true });
    expect([shown.includes(token), shown.includes('\u009b')]).toEqual([false, false]);
  });

  it('is not in an error of a connection', async () => {
    const broken = await serverOf((request) => request.socket.destroy());
    const garbled = await serverOf((request) => request.socket.end(`HTTP/1.1 2${token}\r\n\r\n`));
    for (const endpoint of [broken, garbled, 'http://127.0.0.1:1']) {
      const error = await failureOf(get(requestsFor(endpoint), '/a'));
      expect(error).toMatchObject({ name: 'TransferProblem' });
      expect(inspect(error, { depth: 12, showHidden: true })).not.toContain(token);
    }
  });
});

describe('a redirect', () => {
  it('is followed ten times and no more', async () => {
    const chain = Object.fromEntries(Array.from({ length: 12 }, (_, step) => [`/${step}`, `/${step + 1}`]));
    const hub = await recorder(chain);
    expect((await get(requestsFor(hub.endpoint), '/2')).text).toBe('ok');
    const error = await refusalOf(get(requestsFor(hub.endpoint), '/1'));
    expect(error.code).toBe('HUB_REDIRECT_REFUSED');
    expect(error.message).toContain('more than 10 redirects');
  });

  it('that leads nowhere is no answer', async () => {
    for (const headers of [{}, { Location: 'http://' }]) {
      const endpoint = await serverOf((_, response) => response.writeHead(302, headers).end());
      const error = await refusalOf(get(requestsFor(endpoint), '/a'));
      expect(error.code).toBe('HUB_RESPONSE_INVALID');
      expect(error.message).toContain('answered 302');
    }
  });

  it('to a private address is refused from a public hub', async () => {
    const inner = await recorder();
    const hub = await recorder({
      '/a': `${inner.endpoint}/secret`,
      '/b': 'http://localhost/',
      '/c': 'file:///etc/passwd',
    });
    const { proxies } = await proxied({ 'hub.example': hub.endpoint });
    const requests = requestsFor('http://hub.example', { proxies });
    for (const path of ['/a', '/b', '/c']) {
      expect((await refusalOf(get(requests, path))).code).toBe('HUB_REDIRECT_REFUSED');
    }
    expect(inner.seen).toEqual([]);
  });

  it('to a name that stands for a private address is refused when it is connected to', async () => {
    const inner = await recorder();
    const { port } = new URL(inner.endpoint);
    const hub = await recorder({ '/a': `http://inner.example:${port}/secret` });
    const { proxies } = await proxied(
      { 'hub.example': hub.endpoint, 'home.example': hub.endpoint },
      'inner.example',
    );
    const names: Readonly<Record<string, string>> = {
      'inner.example': '127.0.0.1',
      'home.example': '10.0.0.1',
      'hub.example': '93.184.216.34',
    };
    const resolveName = async (name: string) => [{ address: names[name] ?? '', family: 4 }];

    const outside = requestsFor(
      'http://hub.example',
      { proxies },
      redirectGuard('http://hub.example', resolveName),
    );
    expect((await refusalOf(get(outside, '/a'))).code).toBe('HUB_REDIRECT_REFUSED');
    expect(inner.seen).toEqual([]);

    const inside = requestsFor(
      'http://home.example',
      { proxies },
      redirectGuard('http://home.example', resolveName),
    );
    expect((await get(inside, '/a')).text).toBe('ok');
    expect(inner.seen).toHaveLength(1);
  });
});

describe('a proxy', () => {
  it('is handed plain requests as they are, with credentials of its own', async () => {
    const hub = await recorder();
    const proxy = await startProxyDouble({
      hosts: { 'hub.example': hub.endpoint },
      credentials: { user: 'me', password: 'p@ss' },
    });
    onTestFinished(() => proxy.close());
    const proxies = readProxyRules({ http_proxy: proxy.url.replace('//', '//me:p%40ss@') });
    expect((await get(requestsFor('http://hub.example', { proxies }), '/a?b=c')).text).toBe('ok');
    expect(proxy.requests).toMatchObject([
      { method: 'GET', target: 'http://hub.example/a?b=c', status: 200 },
    ]);
    expect(hub.seen[0]?.headers).toMatchObject({ host: 'hub.example', authorization: `Bearer ${token}` });
    expect(hub.seen[0]?.headers['proxy-authorization']).toBeUndefined();
  });

  it('is not asked where NO_PROXY says so', async () => {
    const hub = await recorder();
    const { proxy, proxies } = await proxied({}, '127.0.0.1');
    await get(requestsFor(hub.endpoint, { proxies }), '/a');
    expect(proxy.requests).toEqual([]);
    expect(hub.seen).toHaveLength(1);
  });

  it('is asked for a tunnel to an encrypted hub', async () => {
    const endpoint = await encryptedServer();
    const { proxy, proxies } = await proxied({ 'hub.example': endpoint.replace('https://', '') });
    const error = await refusalOf(get(requestsFor('https://hub.example', { proxies }), '/a'));
    // The tunnel stood: it is the hub's certificate that is not trusted.
    expect(error.message).toMatch(/^The certificate of hub\.example .* is not trusted/);
    expect(proxy.requests).toMatchObject([
      { method: 'CONNECT', target: 'hub.example:443', authorization: undefined, status: 200 },
    ]);
  });

  it.each(['http', 'https'])('that wants a password is a refusal that says so, over %s', async (scheme) => {
    const proxy = await startProxyDouble({ credentials: { user: 'me', password: 'right' } });
    onTestFinished(() => proxy.close());
    const address = proxy.url.replace('//', '//me:hunter2@');
    const proxies = readProxyRules({ HTTP_PROXY: address, HTTPS_PROXY: address });
    const error = await refusalOf(get(requestsFor(`${scheme}://hub.example`, { proxies }), '/a'));
    expect(error.code).toBe('HUB_UNREACHABLE');
    expect(error.message).toContain('The proxy asks for a user name and a password (407)');
    expect(inspect(error, { depth: 12, showHidden: true })).not.toMatch(/hunter2|bWU6aHVudGVyMg/);
  });

  it.each(['http', 'https'])('that is not there is named, over %s', async (scheme) => {
    const address = 'http://me:hunter2@127.0.0.1:1';
    const proxies = readProxyRules({ HTTP_PROXY: address, HTTPS_PROXY: address });
    const error = await failureOf(get(requestsFor(`${scheme}://hub.example`, { proxies }), '/a'));
    expect(error).toMatchObject({
      name: 'TransferProblem',
      message: 'hub.example (through the proxy 127.0.0.1:1): the connection was refused',
    });
  });

  it('that cannot connect is a problem', async () => {
    const { proxies } = await proxied({});
    const error = await failureOf(get(requestsFor('https://unknown.example', { proxies }), '/a'));
    expect(error).toMatchObject({ name: 'TransferProblem' });
    expect(String(error)).toContain('the proxy answered 502');
  });
});

describe('an encrypted connection', () => {
  it('with a certificate that is not trusted is given up at once, with advice', async () => {
    const error = await refusalOf(get(requestsFor(await encryptedServer()), '/a'));
    expect(error.code).toBe('HUB_UNREACHABLE');
    expect(error.message).toContain('NODE_EXTRA_CA_CERTS');
    expect(error.details).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });
});

describe('an answer', () => {
  it.each([
    [400, {}, 'HUB_RESPONSE_INVALID'],
    [401, {}, 'HUB_ACCESS_DENIED'],
    [403, {}, 'HUB_ACCESS_DENIED'],
    [404, {}, 'HUB_REPOSITORY_NOT_FOUND'],
    [410, {}, 'HUB_REPOSITORY_NOT_FOUND'],
    [451, {}, 'HUB_RESPONSE_INVALID'],
    [501, {}, 'HUB_RESPONSE_INVALID'],
    [304, {}, 'HUB_RESPONSE_INVALID'],
    [401, { 'X-Error-Code': 'RepoNotFound' }, 'HUB_REPOSITORY_NOT_FOUND'],
    [404, { 'X-Error-Code': 'RevisionNotFound' }, 'HUB_REVISION_NOT_FOUND'],
    [404, { 'X-Error-Code': 'EntryNotFound' }, 'HUB_FILE_NOT_FOUND'],
    [401, { 'X-Error-Code': 'GatedRepo' }, 'HUB_ACCESS_DENIED'],
    [403, { 'X-Error-Code': 'GatedRepo' }, 'HUB_ACCESS_DENIED'],
  ])('of %i with %o is %s', async (status, headers, code) => {
    const endpoint = await serverOf((_, response) => response.writeHead(status, headers).end());
    const error = await refusalOf(get(requestsFor(endpoint), '/a'));
    expect(error.code).toBe(code);
    expect(error.details).toMatchObject({ status, id, revision: 'main' });
  });

  it.each([408, 425, 429, 500, 502, 503, 504, 520, 524])(
    'of %i may be better the next time',
    async (status) => {
      const endpoint = await serverOf((_, response) =>
        response.writeHead(status, { 'Retry-After': '2' }).end(),
      );
      expect(await failureOf(get(requestsFor(endpoint), '/a'))).toMatchObject({
        name: 'TransferProblem',
        status,
        retryAfterMilliseconds: 2000,
      });
    },
  );

  it('of another hub says that the token was not shown there', async () => {
    const other = await serverOf((_, response) =>
      response.writeHead(401, { 'X-Error-Code': 'GatedRepo' }).end(),
    );
    const hub = await recorder({ '/a': `${other}/a` }, 308);
    const error = await refusalOf(get(requestsFor(hub.endpoint), '/a'));
    expect(error.message).toContain(`The token was not shown to ${new URL(other).host}`);
  });
});

it('connections end when the client is closed, also those in use', async () => {
  const endpoint = await serverOf((_, response) => response.write('never ending'));
  const requests = requestsFor(endpoint);
  const pending = failureOf(get(requests, '/a'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await requests.close();
  expect(await pending).toBeInstanceOf(Error);
});

async function encryptedServer(): Promise<string> {
  const server = createServer(selfSigned, (_, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
