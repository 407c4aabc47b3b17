import type { Tensor } from '@webssl/backend';

/** Reproducible numbers between -1 and 1 (the generator mulberry32). */
export function randomTensor(dims: readonly number[], seed = 1): Tensor {
  const data = new Float32Array(dims.reduce((product, size) => product * size, 1));
  let state = seed;
  for (let index = 0; index < data.length; index++) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    data[index] = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  }
  return { data, dims };
}
