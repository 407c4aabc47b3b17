import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { startProxyDouble } from '@webssl-tooling/hub-double';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failureOf, refusalOf } from '../testing/refusal.js';
import { readProxyRules } from './proxy-rules.js';
import { selfSigned } from './testing/self-signed.js';
import { get, proxied, recorder, requestsFor, token } from './testing/test-requests.js';

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

async function encryptedServer(): Promise<string> {
  const server = createServer(selfSigned, (_, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
