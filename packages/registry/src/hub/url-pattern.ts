import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

/** Which addresses a rule is for. What is undefined matches everything. */
export interface UrlPattern {
  /** Without colon. */
  readonly scheme: string | undefined;
  readonly host: HostPattern | undefined;
  readonly port: number | undefined;
}

interface HostPattern {
  readonly name: string;
  /** `self`: the name alone, `below`: names that end with it after a dot, `both`. */
  readonly covers: 'self' | 'below' | 'both';
  /** Length of the pattern as written: the longer one of two that match decides. */
  readonly length: number;
}

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };

/**
 * Reads `scheme://host:port`, where the scheme `all` stands for any, `*name` for a name and those below it, `*.name` only
 * for those below it, and no host or `*` for any. Anything after the host, such as the `/16` of a network, is ignored.
 * Undefined for a port that is no number.
 */
export function parseUrlPattern(text: string): UrlPattern | undefined {
  const [, scheme = '', authority = ''] = /^([^:]*):\/\/([^/?#]*)/.exec(text) ?? [];
  const [, hostText = '', portText = ''] = /^(?:.*@)?(\[.*\]|[^:@]*):?(.*)$/.exec(authority) ?? [];
  if (!/^\d*$/.test(portText)) return undefined;
  const port = portText === '' ? undefined : Number(portText);
  const schemeName = scheme.toLowerCase();
  return {
    scheme: schemeName === 'all' ? undefined : schemeName,
    host: parseHost(hostText.toLowerCase()),
    port: port === defaultPorts[schemeName] ? undefined : port,
  };
}

/** The pattern that an entry of `NO_PROXY` stands for. */
export function patternOfHost(entry: string): string {
  const address = (entry.split('/')[0] ?? '').replace(/^\[(.*)\]$/, '$1');
  if (entry.includes('://')) return entry;
  if (isIPv4(address)) return `all://${address}`;
  if (isIPv6(address)) return `all://[${address}]`;
  return entry.toLowerCase() === 'localhost' ? 'all://localhost' : `all://*${entry}`;
}

export function matchesUrl({ scheme, host, port }: UrlPattern, url: URL): boolean {
  return (
    (scheme === undefined || `${scheme}:` === url.protocol) &&
    (host === undefined || coversHost(host, url.hostname)) &&
    (port === undefined || String(port) === url.port)
  );
}

/** Orders patterns from the most specific to the least: those with a port, then by length of the host, then of the scheme. */
export function compareSpecificity(a: UrlPattern, b: UrlPattern): number {
  return (
    Number(a.port === undefined) - Number(b.port === undefined) ||
    (b.host?.length ?? 0) - (a.host?.length ?? 0) ||
    (b.scheme?.length ?? 0) - (a.scheme?.length ?? 0)
  );
}

function parseHost(text: string): HostPattern | undefined {
  if (text === '' || text === '*') return undefined;
  const length = text.replace(/^\[|\]$/g, '').length;
  if (text.startsWith('*.')) return { name: toAscii(text.slice(2)), covers: 'below', length };
  if (text.startsWith('*')) return { name: toAscii(text.slice(1)), covers: 'both', length };
  return { name: toAscii(text), covers: 'self', length };
}

/** As `URL.hostname` writes it: brackets and shortest form for IPv6, Punycode for other scripts. */
function toAscii(name: string): string {
  return domainToASCII(name) || name;
}

function coversHost({ name, covers }: HostPattern, hostname: string): boolean {
  return (
    (covers !== 'below' && hostname === name) ||
    (covers !== 'self' && hostname.endsWith(`.${name}`) && hostname.length > name.length + 1)
  );
}
