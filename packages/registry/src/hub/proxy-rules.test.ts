import { inspect } from 'node:util';
import { WebsslError } from '@webssl/backend';
import { describe, expect, it } from 'vitest';
import { proxyFor, readProxyRules } from './proxy-rules.js';
import { hasHttpx, httpxProxyFor } from './testing/httpx.js';

type Variables = Readonly<Record<string, string>>;

function choose(variables: Variables, address: string): string | undefined {
  return proxyFor(readProxyRules(variables), new URL(address))?.url;
}

const proxies = { HTTP_PROXY: 'http://plain:1', HTTPS_PROXY: 'http://secure:2' };
const through = (noProxy: string): Variables => ({ ...proxies, NO_PROXY: noProxy });

/** Environment, address, proxy. Python's httpx agrees: see below. */
const cases: readonly (readonly [Variables, string, string | undefined])[] = [
  [{}, 'https://hub.example/', undefined],
  [proxies, 'http://hub.example/', 'http://plain:1'],
  [proxies, 'https://hub.example/', 'http://secure:2'],
  [{ ALL_PROXY: 'http://all:3' }, 'https://hub.example/', 'http://all:3'],
  [{ ALL_PROXY: 'http://all:3', HTTP_PROXY: 'http://plain:1' }, 'http://hub.example/', 'http://plain:1'],
  [{ ALL_PROXY: 'http://all:3', HTTP_PROXY: 'http://plain:1' }, 'https://hub.example/', 'http://all:3'],
  [{ https_proxy: 'proxy.example:3128' }, 'https://hub.example/', 'http://proxy.example:3128'],
  [
    { https_proxy: 'http://lower:1', HTTPS_PROXY: 'http://upper:2' },
    'https://hub.example/',
    'http://lower:1',
  ],
  [{ https_proxy: '', HTTPS_PROXY: 'http://upper:2' }, 'https://hub.example/', undefined],
  [{ HTTPS_PROXY: 'https://tls.example:8443' }, 'https://hub.example/', 'https://tls.example:8443'],
  [{ HTTP_PROXY: 'http://plain:1', REQUEST_METHOD: 'GET' }, 'http://hub.example/', undefined],
  [{ http_proxy: 'http://plain:1', REQUEST_METHOD: 'GET' }, 'http://hub.example/', 'http://plain:1'],
  [through('hub.example'), 'https://hub.example/', undefined],
  [through('hub.example'), 'https://cdn.hub.example/', undefined],
  [through('hub.example'), 'https://myhub.example/', 'http://secure:2'],
  [through('hub.example'), 'https://hub.example.org/', 'http://secure:2'],
  [through('HUB.Example'), 'https://hub.example/', undefined],
  [through('.hub.example'), 'https://hub.example/', 'http://secure:2'],
  [through('.hub.example'), 'https://a.b.hub.example/', undefined],
  [through('*.hub.example'), 'https://cdn.hub.example/', 'http://secure:2'],
  [through('*'), 'https://hub.example/', undefined],
  [through('other.example, *'), 'https://hub.example/', undefined],
  [through(' a.example ,hub.example '), 'http://hub.example/', undefined],
  [through(',,'), 'http://hub.example/', 'http://plain:1'],
  [through('hub.example:8080'), 'http://hub.example:8080/', undefined],
  [through('hub.example:8080'), 'http://cdn.hub.example:8080/', undefined],
  [through('hub.example:8080'), 'http://hub.example/', 'http://plain:1'],
  [through('hub.example:443'), 'https://hub.example/', 'http://secure:2'],
  [through('https://hub.example:443'), 'https://hub.example/', undefined],
  [through('https://hub.example'), 'https://hub.example/', undefined],
  [through('https://hub.example'), 'https://cdn.hub.example/', 'http://secure:2'],
  [through('https://hub.example'), 'http://hub.example/', 'http://plain:1'],
  [through('all://hub.example'), 'http://hub.example/', undefined],
  [through('http://'), 'http://hub.example/', undefined],
  [through('http://'), 'https://hub.example/', 'http://secure:2'],
  [through('all://'), 'http://hub.example/', 'http://plain:1'],
  [through('localhost'), 'http://localhost:8080/', undefined],
  [through('localhost'), 'http://a.localhost/', 'http://plain:1'],
  [through('127.0.0.1'), 'http://127.0.0.1:8080/', undefined],
  [through('127.0.0.1'), 'http://127.0.0.2/', 'http://plain:1'],
  [through('10.0.0.0/8'), 'http://10.1.2.3/', 'http://plain:1'],
  [through('10.0.0.0/8'), 'http://10.0.0.0/', undefined],
  [through('::1'), 'http://[::1]:8080/', undefined],
  [through('::1'), 'http://[::2]/', 'http://plain:1'],
];

describe('proxies of an environment', () => {
  it.each(cases)('with %o serve %s by %s', (variables, address, proxy) => {
    expect(choose(variables, address)).toBe(proxy);
  });

  it.skipIf(!hasHttpx())(
    'are those that httpx uses (skipped where Python has no httpx; set WEBSSL_PYTHON)',
    async () => {
      const theirs = await httpxProxyFor(cases.map(([variables, address]) => [variables, address]));
      expect(theirs).toEqual(cases.map(([, , proxy]) => proxy ?? null));
    },
  );

  it('understand what httpx refuses: IPv6 in brackets or as a network, names in other scripts', () => {
    expect(choose(through('[::1]'), 'http://[::1]/')).toBeUndefined();
    expect(choose(through('0:0:0:0:0:0:0:1'), 'http://[::1]/')).toBeUndefined();
    expect(choose(through('fe80::/10'), 'http://hub.example/')).toBe('http://plain:1');
    expect(choose(through('bücher.example'), 'http://cdn.xn--bcher-kva.example/')).toBeUndefined();
  });

  it('send credentials apart from the address', () => {
    const rules = readProxyRules({ HTTPS_PROXY: 'http://us%40er:p%3A%2Fss@proxy.example:3128/' });
    expect(proxyFor(rules, new URL('https://hub.example'))).toEqual({
      url: 'http://proxy.example:3128',
      authorization: `Basic ${Buffer.from('us@er:p:/ss').toString('base64')}`,
    });
    const [rule] = readProxyRules({ HTTP_PROXY: 'http://user@proxy.example' });
    expect(rule?.proxy?.authorization).toBe(`Basic ${Buffer.from('user:').toString('base64')}`);
  });

  it.each([
    [{ HTTPS_PROXY: 'socks5://u:hunter2@proxy:1080' }, 'HTTPS_PROXY is an address of the kind socks5://'],
    [{ http_proxy: 'socks5h://u:hunter2@proxy:1080' }, 'HTTP_PROXY is an address of the kind socks5h://'],
    [{ ALL_PROXY: 'socks5://u:hunter2@proxy:1080' }, 'ALL_PROXY is an address of the kind socks5://'],
    [{ HTTP_PROXY: 'http://u:hunter2@:80:90' }, 'HTTP_PROXY is not an address'],
    [{ NO_PROXY: 'u:hunter2' }, 'NO_PROXY has an entry'],
  ])('of %o are refused without a word of their passwords', (variables, message) => {
    try {
      readProxyRules(variables);
      expect.unreachable();
    } catch (error) {
      if (!WebsslError.isInstance(error)) throw error;
      expect(error.code).toBe('HUB_SETTING_INVALID');
      expect(error.message).toContain(message);
      expect(inspect(error)).not.toContain('hunter2');
    }
  });

  it('may have an unusable ALL_PROXY where the other two leave it no use', () => {
    const variables = { ...proxies, ALL_PROXY: 'socks5://proxy:1080' };
    expect(choose(variables, 'https://hub.example')).toBe('http://secure:2');
  });
});
