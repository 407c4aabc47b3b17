import { createHash } from 'node:crypto';

/** What makes the numbers of one tensor differ from those of every other. */
export type TensorKeys = readonly [number, number];

/** A uniform distribution. */
export interface Distribution {
  readonly center: number;
  readonly halfWidth: number;
}

/** The keys of a tensor: the first eight bytes of SHA-256 of `<seed>/<name>`, as two big-endian 32-bit integers. */
export function tensorKeys(seed: number, name: string): TensorKeys {
  const digest = createHash('sha256').update(`${seed}/${name}`).digest();
  return [digest.readInt32BE(0), digest.readInt32BE(4)];
}

/**
 * Fills `target` with the numbers of a tensor from element `first` on. A number depends on keys and position alone, so
 * that any part can be made anywhere, in any order. Every step is an integer or a double operation that IEEE 754 rounds
 * in one way only: the same bytes on every machine.
 *
 * The mixing is multiply and xor-shift with the constants of MurmurHash3's finaliser; the second key enters in the midst
 * of it, because tensors that differed in the first alone would have stretches of their sequences in common.
 */
export function fillUniform(
  target: Float32Array,
  first: number,
  [outerKey, innerKey]: TensorKeys,
  { center, halfWidth }: Distribution,
): void {
  const scale = halfWidth / 2 ** 31;
  for (let index = 0; index < target.length; index++) {
    let bits = Math.imul((first + index) ^ outerKey, 0x9e3779b1);
    bits ^= bits >>> 15;
    bits = Math.imul(bits ^ innerKey, 0x85ebca6b);
    bits ^= bits >>> 13;
    bits = Math.imul(bits, 0xc2b2ae35);
    bits ^= bits >>> 16;
    target[index] = center + scale * bits;
  }
}
