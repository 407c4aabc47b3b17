import { isIP } from 'node:net';

/** Labels of letters, digits, hyphens and underscores, none of them empty. */
const labels = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;
const mostCharacters = 253;

/** A text as a URL by the rules of the web, which browsers and this server's connections share. */
export function readUrl(text: string, base?: URL): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

/**
 * The one spelling of a URL's host: in lower case and Punycode, addresses in their usual form with IPv6 in brackets,
 * without the dot that may end a name.
 *
 * @returns undefined for what can be no host
 */
export function plainHost({ hostname }: URL): string | undefined {
  if (isAddress(hostname)) return hostname;
  const name = hostname.replace(/\.$/, '');
  return labels.test(name) && name.length <= mostCharacters ? name : undefined;
}

/** Whether a URL's host is an IP address. */
export function isAddress(host: string): boolean {
  return isIP(withoutBrackets(host)) !== 0;
}

export function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
