import { createHash, randomBytes } from 'node:crypto';
import { WebsslError } from '@webssl/backend';

/** What the server knows of a key: everything but the key itself. */
export interface ApiKey {
  /** Stands in logs, metrics and turns, so it is no secret. */
  readonly name: string;
  /** Where absent, the server's own limit counts. */
  readonly imagesPerMinute?: number;
}

/** Every key that {@link createApiKey} makes begins with it, so that a leaked one is found by searching. */
const keyPrefix = 'webssl_';

const nameForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** What a name may be, for messages. */
export const nameRule = `1 to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit and not with "${keyPrefix}"`;
/** What `images-per-minute` may be, for messages. */
export const rateRule = 'a whole number from 1 to 999999999';

/** Names that look like a key are none: a key put in the wrong place would end up in logs. */
export function isKeyName(text: string): boolean {
  return nameForm.test(text) && !text.toLowerCase().startsWith(keyPrefix);
}

/** The number that a text says, or undefined where it is not {@link rateRule}. */
export function imagesPerMinuteFrom(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

/** Of a key, 32 bytes. Keys are random, not chosen by people, so no slow or salted hash is needed. */
export function keyDigest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/**
 * Makes a new key.
 *
 * @returns the key, to be given to its user and kept nowhere else, and the line for the keys file
 * @throws WebsslError `API_KEY_OPTION_INVALID`
 */
export function createApiKey(
  name: string,
  { imagesPerMinute }: { readonly imagesPerMinute?: number } = {},
): { readonly key: string; readonly line: string } {
  if (!isKeyName(name)) throw optionInvalid(`The name of a key has to be ${nameRule}.`);
  if (imagesPerMinute !== undefined && imagesPerMinuteFrom(String(imagesPerMinute)) === undefined)
    throw optionInvalid(
      `The images per minute of a key have to be ${rateRule}; they were ${imagesPerMinute}.`,
    );
  const key = `${keyPrefix}${randomBytes(32).toString('base64url')}`;
  const rate = imagesPerMinute === undefined ? '' : ` images-per-minute=${imagesPerMinute}`;
  return { key, line: `${name} sha256:${keyDigest(key).toString('hex')}${rate}` };
}

function optionInvalid(message: string): WebsslError {
  return new WebsslError({ code: 'API_KEY_OPTION_INVALID', message });
}
