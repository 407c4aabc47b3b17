import { hubError } from './hub-error.js';

export const defaultEndpoint = 'https://huggingface.co';

/**
 * The address of a hub without trailing slashes; it may have a path, which mirrors below a path need.
 * @param source who named it, for the message
 * @throws WebsslError `HUB_ENDPOINT_INVALID`. The message repeats nothing that could hold a password.
 */
export function parseEndpoint(text: string, source: string): string {
  const shown = text.includes('@') ? 'the address' : `'${text}'`;
  const expected = 'expected an http:// or https:// address such as https://huggingface.co';
  if (!URL.canParse(text)) {
    throw hubError('HUB_ENDPOINT_INVALID', `${source}: ${shown} is not an address; ${expected}`);
  }
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw hubError('HUB_ENDPOINT_INVALID', `${source}: ${shown} is not an address of the web; ${expected}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw hubError(
      'HUB_ENDPOINT_INVALID',
      `${source}: the address holds a user name or a password. Leave them out; a token goes into HF_TOKEN or the token file.`,
    );
  }
  if (url.search !== '' || url.hash !== '') {
    throw hubError(
      'HUB_ENDPOINT_INVALID',
      `${source}: ${shown} has a query or a fragment, to which no path can be added; ${expected}`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
