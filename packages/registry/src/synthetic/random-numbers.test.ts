import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fillUniform, tensorKeys } from './random-numbers.js';

const unit = { center: 0, halfWidth: 1 };

function numbers(name: string, length: number, first = 0, seed = 0): Float32Array {
  const target = new Float32Array(length);
  fillUniform(target, first, tensorKeys(seed, name), unit);
  return target;
}

/** The documented number, in whole numbers of any size, modulo 2^32. */
function expected(seed: number, name: string, index: number, center: number, halfWidth: number): number {
  const digest = createHash('sha256').update(`${seed}/${name}`).digest('hex');
  const word = 2n ** 32n;
  let bits = ((BigInt(index) ^ BigInt(`0x${digest.slice(0, 8)}`)) * 0x9e3779b1n) % word;
  bits ^= bits >> 15n;
  bits = ((bits ^ BigInt(`0x${digest.slice(8, 16)}`)) * 0x85ebca6bn) % word;
  bits ^= bits >> 13n;
  bits = (bits * 0xc2b2ae35n) % word;
  bits ^= bits >> 16n;
  const signed = Number(BigInt.asIntN(32, bits));
  return Math.fround(center + (halfWidth / 2147483648) * signed);
}

function correlation(a: Float32Array, b: Float32Array): number {
  const length = Math.min(a.length, b.length);
  let sum = 0;
  for (let index = 0; index < length; index++) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return (sum / length) * 3;
}

describe('fillUniform', () => {
  it('gives the documented numbers', () => {
    for (const [seed, name, index, center, halfWidth] of [
      [0, 'embeddings.cls_token', 0, 0, 0.1],
      [0, 'embeddings.cls_token', 1, 0, 0.1],
      [4294967295, 'encoder.layer.31.output.dense.weight', 89_522_175, 1, 0.3],
      [7, 'layernorm.weight', 12345, -2, 1e-3],
    ] as const) {
      const target = new Float32Array(1);
      fillUniform(target, index, tensorKeys(seed, name), { center, halfWidth });
      expect(target[0]).toBe(expected(seed, name, index, center, halfWidth));
    }
  });

  it('gives the same numbers in parts as in one go', () => {
    const whole = numbers('a', 1000);
    expect(numbers('a', 300, 700)).toEqual(whole.subarray(700));
  });

  // For independent numbers each figure has a deviation of about 1 / sqrt(200000) = 0.0022.
  const length = 200_000;
  const tolerance = 0.01;

  it('fills the whole range evenly', () => {
    const values = numbers('a', length);
    for (let bin = -5; bin < 5; bin++) {
      const share = values.filter((value) => value >= bin / 5 && value < (bin + 1) / 5).length / length;
      expect(Math.abs(share - 0.1)).toBeLessThan(tolerance / 3);
    }
  });

  it('correlates neither within a tensor nor between tensors or seeds', () => {
    const values = numbers('a', length);
    for (const lag of [1, 2, 3, 4, 64, 1024, 1280, 4096, 65536]) {
      expect(Math.abs(correlation(values, values.subarray(lag)))).toBeLessThan(tolerance);
    }
    for (const other of [numbers('b', length), numbers('a', length, 0, 1)]) {
      for (const lag of [0, 1, 1024]) {
        expect(Math.abs(correlation(values, other.subarray(lag)))).toBeLessThan(tolerance);
      }
    }
  });
});
