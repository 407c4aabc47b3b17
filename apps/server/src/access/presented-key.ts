import type { IncomingHttpHeaders } from 'node:http';
import { WebsslError } from '@webssl/backend';

const longestKey = 512;

/**
 * The key that a request brings: `Authorization: Bearer <key>`, or `x-api-key: <key>`.
 *
 * @returns undefined where it brings none
 * @throws WebsslError `API_KEY_MALFORMED` for anything else in these headers, and for two different keys
 */
export function presentedKey(headers: IncomingHttpHeaders): string | undefined {
  const { authorization, 'x-api-key': header } = headers;
  const bearer = authorization === undefined ? undefined : bearerKey(authorization);
  const plain = header === undefined ? undefined : headerKey(header);
  if (bearer !== undefined && plain !== undefined && bearer !== plain)
    throw malformed('The Authorization and x-api-key headers bring different keys. Send one of them.');
  return bearer ?? plain;
}

function bearerKey(value: string): string {
  const [, key] = /^Bearer +([\x21-\x7e]+) *$/i.exec(value) ?? [];
  if (key === undefined || key.length > longestKey)
    throw malformed('The Authorization header has to be "Bearer" and an API key.');
  return key;
}

/** Of two such headers Node makes one, with a comma and a space between their values: that is no key. */
function headerKey(value: string | readonly string[]): string {
  if (typeof value === 'string' && /^[\x21-\x7e]+$/.test(value) && value.length <= longestKey) return value;
  throw malformed('The x-api-key header has to be one API key and nothing else.');
}

function malformed(message: string): WebsslError {
  return new WebsslError({ code: 'API_KEY_MALFORMED', message });
}
