import { expect, it } from 'vitest';
import { weightBits } from './weight-bits.js';

const flags = (names: string) => () => `processor\t: 0\nflags\t\t: fpu ${names} erms\nbugs\t\t:\n`;

it.each([
  ['x64 with AVX-512 VNNI', 'x64', flags('avx2 avx512_vnni'), 8],
  ['x64 with AVX VNNI', 'x64', flags('avx2 avx_vnni'), 8],
  ['x64 with AVX2 alone', 'x64', flags('avx2 avx512f'), 7],
  [
    'x64 of a system that does not tell',
    'x64',
    () => {
      throw new Error('no such file');
    },
    7,
  ],
  ['arm64', 'arm64', flags(''), 8],
] as const)('weights may use on %s', (_, architecture, read, bits) => {
  expect(weightBits(architecture, read)).toBe(bits);
});
