import { type AllowedHost, isAllowed } from './allowed-host.js';
import { plainHost, readUrl } from './host-name.js';
import { Refusal } from './remote-image-error.js';

/** Which URLs may be fetched. */
export interface UrlRules {
  readonly allowed: readonly AllowedHost[];
  readonly allowHttp: boolean;
}

/** Longer ones are no addresses of images; signed ones have a thousand or two. */
const mostCharacters = 8192;
/** URL parsers drop or turn these, which is how two readers of a URL come to see two hosts. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is control characters that are looked for
const doubtful = /[\u0000-\u0020\u007f\\]/;

/**
 * A URL that may be fetched, its host in its one spelling. The list has no private addresses; what a name stands for is
 * checked on connecting.
 *
 * @param base the URL that answered with this one, for redirects
 * @throws Refusal
 */
export function checkImageUrl(text: string, { allowed, allowHttp }: UrlRules, base?: URL): URL {
  if (text.length > mostCharacters) throw new Refusal('too-long');
  if (doubtful.test(text)) throw new Refusal('malformed');
  const url = readUrl(text, base);
  if (url === undefined) throw new Refusal('malformed');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowHttp)) throw new Refusal('scheme');
  if (url.username !== '' || url.password !== '') throw new Refusal('credentials');

  const host = plainHost(url);
  if (host === undefined) throw new Refusal('malformed');
  if (!isAllowed(allowed, host, url)) throw new Refusal('host');
  url.hostname = host;
  return url;
}
