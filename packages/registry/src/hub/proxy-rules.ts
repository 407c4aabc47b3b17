import { unescape as percentDecode } from 'node:querystring';
import type { Environment } from '../cache-folder.js';
import { hubError } from './hub-error.js';
import {
  compareSpecificity,
  matchesUrl,
  parseUrlPattern,
  patternOfHost,
  type UrlPattern,
} from './url-pattern.js';

/** Which proxy serves which address: the first rule that matches decides, no proxy where none does. */
export type ProxyRules = readonly ProxyRule[];

interface ProxyRule extends UrlPattern {
  /** Undefined: connect directly. */
  readonly proxy: ProxyServer | undefined;
}

export interface ProxyServer {
  /** `http://` or `https://`, without credentials. */
  readonly url: string;
  /** Value of the `Proxy-Authorization` header. */
  readonly authorization: string | undefined;
}

/**
 * Reads `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` as Python's httpx does. Lower case comes before upper case,
 * and an empty lower-case variable unsets the other one; `HTTP_PROXY` is ignored in a CGI process, where a client may
 * set it. `NO_PROXY=example.com` covers the names below it too, `.example.com` only those; a port may follow; `*` means
 * everything; of a network such as `10.0.0.0/8` only the address itself counts, as there. Unlike there, bracketed
 * IPv6 addresses are understood, and a SOCKS proxy in `ALL_PROXY` is no error where the other two leave it unused.
 *
 * @throws WebsslError `HUB_SETTING_INVALID` for a proxy that is neither `http://` nor `https://`, and for entries of
 * `NO_PROXY` that cannot be read. No message repeats a proxy's credentials.
 */
export function readProxyRules(environment: Environment): ProxyRules {
  const bypassed = (proxyVariable(environment, 'no') ?? '').split(',').map((entry) => entry.trim());
  if (bypassed.includes('*')) return [];
  // Keyed by pattern: an entry `http://` of NO_PROXY replaces the proxy of that pattern.
  const proxies = new Map<string, ProxyServer | undefined>();
  for (const scheme of ['http', 'https']) {
    const value = proxyVariable(environment, scheme);
    if (value !== undefined) proxies.set(`${scheme}://`, parseProxy(value, scheme));
  }
  const all = proxyVariable(environment, 'all');
  if (all !== undefined && proxies.size < 2) proxies.set('all://', parseProxy(all, 'all'));
  for (const entry of bypassed) if (entry !== '') proxies.set(patternOfHost(entry), undefined);
  return [...proxies]
    .map(([pattern, proxy]) => ({ ...readPattern(pattern), proxy }))
    .sort(compareSpecificity);
}

/** The proxy to use for an address. */
export function proxyFor(rules: ProxyRules, url: URL): ProxyServer | undefined {
  return rules.find((rule) => matchesUrl(rule, url))?.proxy;
}

function readPattern(text: string): UrlPattern {
  const pattern = parseUrlPattern(text);
  if (pattern !== undefined) return pattern;
  throw hubError(
    'HUB_SETTING_INVALID',
    'NO_PROXY has an entry whose port is not a number. Expected names, addresses or name:port, with commas between them.',
  );
}

function proxyVariable(environment: Environment, scheme: string): string | undefined {
  const ending = '_proxy';
  const set = Object.entries(environment).filter(([name]) => name.toLowerCase() === scheme + ending);
  const lowerCase = set.filter(([name]) => name.endsWith(ending));
  if (lowerCase.length > 0) return lowerCase.at(-1)?.[1] || undefined;
  const isForgeable = scheme === 'http' && environment['REQUEST_METHOD'] !== undefined;
  return isForgeable ? undefined : set.findLast(([, value]) => value)?.[1];
}

function parseProxy(value: string, scheme: string): ProxyServer {
  const variable = `${scheme.toUpperCase()}_PROXY`;
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    const found = url === undefined ? 'not an address' : `an address of the kind ${url.protocol}//`;
    throw hubError(
      'HUB_SETTING_INVALID',
      `${variable} is ${found}: only http:// and https:// proxies can be used. Name one, or list the hosts to reach without it in NO_PROXY (* for all).`,
      { details: { name: variable } },
    );
  }
  const user = percentDecode(url.username);
  const password = percentDecode(url.password);
  return {
    url: url.origin,
    authorization:
      user === '' && password === ''
        ? undefined
        : `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  };
}
