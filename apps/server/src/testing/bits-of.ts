import { createHash } from 'node:crypto';
import type { Tensor } from '@webssl/backend';

/** Shape and a hash of the bytes of each tensor: two that are alike here are alike in every bit. */
export function bitsOf(tensors: Readonly<Record<string, Tensor>> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tensors ?? {}).map(([name, { dims, data }]) => [name, `[${dims}] ${hashOf(data)}`]),
  );
}

function hashOf({ buffer, byteOffset, byteLength }: Float32Array): string {
  return createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');
}
