import { readFileSync } from 'node:fs';

/**
 * How many bits int8 weights may use on this processor. An x64 processor without VNNI adds up the products of two neighbours in
 * 16 bits (`vpmaddubsw`): with 8 bits that overflows at times, unnoticed, and the features are wrong. With 7 bits it cannot.
 * Where nothing says that it has VNNI, the answer is 7, which is right everywhere.
 */
export function weightBits(
  architecture: string = process.arch,
  read: () => string = () => readFileSync('/proc/cpuinfo', 'utf8'),
): 7 | 8 {
  if (architecture !== 'x64') return 8;
  try {
    return /^flags\s*:.*\b(?:avx512_vnni|avx_vnni)\b/m.test(read()) ? 8 : 7;
  } catch {
    return 7;
  }
}
