import { createHash, timingSafeEqual } from 'node:crypto';
import { RequestRefusal } from './request-refusal.js';

/**
 * Lets requests with `Authorization: Bearer <token>` pass. Digests are compared, in constant time: how long it takes says
 * nothing about the token, nor about its length.
 *
 * @throws RequestRefusal 401 without a token or with another one.
 */
export function requireToken(authorization: string | undefined, token: string): void {
  const [, given] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  if (given !== undefined && timingSafeEqual(sha256(given), sha256(token))) return;
  throw new RequestRefusal(
    401,
    given === undefined
      ? 'This endpoint wants a token: set HF_TOKEN to the one its operator gave out'
      : // The hub's own words: its Python client tells a wrong token from a missing repository by them.
        'Invalid credentials in Authorization header',
    { headers: { 'WWW-Authenticate': 'Bearer' } },
  );
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
