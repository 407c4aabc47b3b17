import type { HubHash } from './hub-file.js';

/**
 * The hash that a hub gives as an entity tag, weak (`W/"..."`) or not, quoted or not: SHA-256 where it has 64
 * hexadecimal digits, Git's blob id where it has 40. Undefined for every other tag: such a file cannot be verified.
 */
export function parseEntityTag(header: string | undefined): HubHash | undefined {
  const text = (header ?? '').trim().replace(/^W\//, '');
  return hashOf(/^"(.*)"$/.exec(text)?.[1] ?? text);
}

/** The hash that a digest of 64 or 40 hexadecimal digits stands for. */
export function hashOf(digest: string): HubHash | undefined {
  if (/^[0-9a-f]{64}$/i.test(digest)) return { algorithm: 'sha256', digest: digest.toLowerCase() };
  if (/^[0-9a-f]{40}$/i.test(digest)) return { algorithm: 'git-sha1', digest: digest.toLowerCase() };
  return undefined;
}
