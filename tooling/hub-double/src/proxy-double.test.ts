import { request as httpRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { ProxyAgent, request } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ProxyDoubleOptions, startProxyDouble } from './proxy-double.js';
import { hubWith, id } from './testing.js';

const path = `/${id}/resolve/main/a.txt`;

async function proxyWith(options: ProxyDoubleOptions) {
  const proxy = await startProxyDouble(options);
  onTestFinished(() => proxy.close());
  return proxy;
}

/** A request in absolute form, as clients send it to a proxy for http addresses. */
function throughProxy(proxy: string, target: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    httpRequest(proxy, { path: target, headers, agent: false }, (answer) => {
      buffer(answer).then((body) => resolve({ status: answer.statusCode, body: body.toString() }), reject);
    })
      .once('error', reject)
      .end();
  });
}

describe('the proxy', () => {
  it('forwards absolute-form requests to where a name is mapped, and keeps the name', async () => {
    const hub = await hubWith({ 'a.txt': 'through' });
    const proxy = await proxyWith({ hosts: { 'hub.example': hub.endpoint } });
    const target = `http://hub.example${path}`;
    const answer = await throughProxy(proxy.url, target, { Authorization: 'Bearer hf_x' });
    expect(answer).toEqual({ status: 200, body: 'through' });
    expect(proxy.requests).toEqual([
      { method: 'GET', target, proxyAuthorization: undefined, authorization: 'Bearer hf_x', status: 200 },
    ]);
    expect(hub.requests[0]?.headers.host).toBe('hub.example');
    proxy.reset();
    expect(proxy.requests).toEqual([]);
  });

  it.each([false, true])('serves undici with a tunnel: %s', async (proxyTunnel) => {
    const hub = await hubWith({ 'a.txt': 'through' });
    const proxy = await proxyWith({ hosts: { 'hub.example': new URL(hub.endpoint).host } });
    const dispatcher = new ProxyAgent({ uri: proxy.url, proxyTunnel });
    onTestFinished(() => dispatcher.destroy());
    const answer = await request(`http://hub.example${path}`, { dispatcher });
    expect(await answer.body.text()).toBe('through');
    expect(proxy.requests).toMatchObject([{ method: proxyTunnel ? 'CONNECT' : 'GET', status: 200 }]);
  });

  it('asks for its password', async () => {
    const hub = await hubWith({ 'a.txt': 'through' });
    const credentials = { user: 'me', password: 'secret' };
    const proxy = await proxyWith({ hosts: { 'hub.example': hub.endpoint }, credentials });
    expect((await throughProxy(proxy.url, `http://hub.example${path}`)).status).toBe(407);
    for (const proxyTunnel of [false, true]) {
      const token = `Basic ${Buffer.from('me:secret').toString('base64')}`;
      const dispatcher = new ProxyAgent({ uri: proxy.url, proxyTunnel, token });
      onTestFinished(() => dispatcher.destroy());
      const answer = await request(`http://hub.example${path}`, { dispatcher });
      expect(await answer.body.text()).toBe('through');
    }
    const stranger = new ProxyAgent({ uri: proxy.url, proxyTunnel: true });
    onTestFinished(() => stranger.destroy());
    await expect(request(`http://hub.example${path}`, { dispatcher: stranger })).rejects.toThrow('407');
    expect(hub.requests.every(({ headers }) => headers['proxy-authorization'] === undefined)).toBe(true);
    expect(hub.requests.length).toBe(2);
  });

  it('lets loopback addresses through and answers 502 for unknown names and silent ports', async () => {
    const hub = await hubWith({ 'a.txt': 'through' });
    const proxy = await proxyWith({ hosts: { 'dead.example': '127.0.0.1:1' } });
    expect((await throughProxy(proxy.url, `${hub.endpoint}${path}`)).body).toBe('through');
    expect((await throughProxy(proxy.url, `http://hub.example${path}`)).status).toBe(502);
    expect((await throughProxy(proxy.url, `http://dead.example${path}`)).status).toBe(502);
    expect((await throughProxy(proxy.url, '/no-host')).status).toBe(502);
    const dispatcher = new ProxyAgent({ uri: proxy.url, proxyTunnel: true });
    onTestFinished(() => dispatcher.destroy());
    for (const name of ['hub.example', 'dead.example'])
      await expect(request(`http://${name}/`, { dispatcher })).rejects.toThrow('502');
  });

  it('closes its tunnels', async () => {
    const hub = await hubWith(
      { 'model.safetensors': { bytes: 10_000_000 } },
      { mirror: { withoutCdn: true } },
    );
    hub.setFaults([{ fault: { kind: 'stall', afterBytes: 10 } }]);
    const proxy = await startProxyDouble({ hosts: { 'hub.example': hub.endpoint } });
    const dispatcher = new ProxyAgent({ uri: proxy.url, proxyTunnel: true });
    onTestFinished(() => dispatcher.destroy());
    const url = `http://hub.example/${id}/resolve/main/model.safetensors`;
    const answer = await request(url, { dispatcher });
    const body = answer.body.text();
    const closed = proxy.close();
    await expect(body).rejects.toThrow();
    await closed;
  });
});
