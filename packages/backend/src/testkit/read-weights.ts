import { readFileSync } from 'node:fs';
import type { Weights } from './vision-transformer.js';

/**
 * The tensors of a small safetensors file of float32 values, as float64. It is written by this repository and trusted:
 * the strict reader is `@webssl/tensor-files`.
 */
export function readWeights(path: string): Weights {
  const file = readFileSync(path);
  const start = 8 + Number(file.readBigUInt64LE(0));
  const header: Record<string, { readonly data_offsets?: readonly [number, number] }> = JSON.parse(
    file.toString('utf8', 8, start),
  );
  const weights = new Map<string, Float64Array>();
  for (const [name, { data_offsets: offsets }] of Object.entries(header)) {
    if (offsets === undefined) continue;
    const [from, to] = offsets;
    weights.set(
      name,
      Float64Array.from({ length: (to - from) / 4 }, (_, index) =>
        file.readFloatLE(start + from + index * 4),
      ),
    );
  }
  return weights;
}
