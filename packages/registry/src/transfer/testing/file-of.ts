import { createHash } from 'node:crypto';
import type { HubHash } from '../../hub/hub-file.js';
import type { RetryPolicy } from '../retry.js';

/** Bytes that repeat nowhere near, the same for the same seed. */
export function bytesFrom(seed: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (seed + 1) * 0x9e3779b1;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

export function sha256Of(content: Uint8Array): HubHash {
  return { algorithm: 'sha256', digest: createHash('sha256').update(content).digest('hex') };
}

/** Persistent as the default one, without its waits. */
export const hastyRetries: RetryPolicy = {
  attempts: 4,
  firstDelayMilliseconds: 1,
  longestDelayMilliseconds: 2,
  longestRetryAfterMilliseconds: 1000,
};
