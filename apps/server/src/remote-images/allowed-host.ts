import { isPrivateHost } from '@webssl/registry';
import { isAddress, plainHost, readUrl, withoutBrackets } from './host-name.js';
import { isPublicAddress } from './public-address.js';
import { optionInvalid } from './remote-image-error.js';

/** An entry of the list, taken apart. */
export interface AllowedHost {
  readonly host: string;
  /** Hosts below it are meant, at any depth, and not itself. */
  readonly isWildcard: boolean;
  /** Without one, the port of the scheme. */
  readonly port: number | undefined;
}

const entryShape = /^(?<wildcard>\*\.)?(?<host>[^\s/?#@\\%:*[\]]+|\[[0-9a-f:.]+\])(?::(?<port>\d{1,5}))?$/i;

/**
 * A host that images may be fetched from, as `--allow-url-host` takes it: `images.example.org`, `*.example.org` for all
 * hosts below example.org (not itself), either with `:port`.
 *
 * @returns the entry in its one spelling: lower case, Punycode
 * @throws WebsslError `IMAGE_URL_OPTION_INVALID` for what is no host, a wildcard over a whole top-level domain, and hosts that
 * are never fetched from, such as `localhost` and private addresses
 */
export function parseAllowedHost(text: string): string {
  const { host, isWildcard, port } = readAllowedHost(text);
  return `${isWildcard ? '*.' : ''}${host}${port === undefined ? '' : `:${port}`}`;
}

/** As `parseAllowedHost`, in parts. */
export function readAllowedHost(text: string): AllowedHost {
  const parts = entryShape.exec(text.trim())?.groups;
  const url = readUrl(`https://${parts?.['host'] ?? ''}/`);
  const host = url === undefined ? undefined : plainHost(url);
  if (parts === undefined || host === undefined) throw invalid(text, 'it is no host name');

  const isWildcard = parts['wildcard'] !== undefined;
  if (isWildcard && isAddress(host)) throw invalid(text, 'nothing is below an address');
  if (isWildcard && !host.includes('.')) throw invalid(text, 'it would allow a whole top-level domain');
  const isOutside = isAddress(host) ? isPublicAddress(withoutBrackets(host)) : !isPrivateHost(host);
  if (!isOutside) throw invalid(text, 'images are fetched from the public internet only');

  const port = parts['port'] === undefined ? undefined : Number(parts['port']);
  if (port === 0 || (port ?? 1) > 65_535) throw invalid(text, 'ports are from 1 to 65535');
  return { host, isWildcard, port };
}

/** Whether the list has an entry for a host and the port of a URL. */
export function isAllowed(allowed: readonly AllowedHost[], host: string, url: URL): boolean {
  const usualPort = url.protocol === 'https:' ? 443 : 80;
  const port = url.port === '' ? usualPort : Number(url.port);
  return allowed.some(
    (entry) =>
      (entry.isWildcard ? host.endsWith(`.${entry.host}`) : host === entry.host) &&
      port === (entry.port ?? usualPort),
  );
}

function invalid(text: string, problem: string) {
  return optionInvalid(
    `"${text}" cannot be allowed as a host of images: ${problem}. Write it as images.example.org, *.example.org or images.example.org:8443.`,
    { host: text },
  );
}
