import { createHash, type Hash } from 'node:crypto';
import type { HubHash } from '../hub/hub-file.js';

/** Begins the digest of a file of `bytes` bytes: SHA-256 of its content, or the id that Git gives a blob (SHA-1 over `blob <bytes>\0` and the content). */
export function createFileHasher(algorithm: HubHash['algorithm'], bytes: number): Hash {
  return algorithm === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${bytes}\0`);
}
