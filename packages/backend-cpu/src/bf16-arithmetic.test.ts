import { expect, it } from 'vitest';
import { hasBf16Arithmetic } from './bf16-arithmetic.js';

// First lines of /proc/cpuinfo on Graviton 3 and on Graviton 2.
const withBf16 =
  'processor\t: 0\nBogoMIPS\t: 2100.00\nFeatures\t: fp asimd evtstrm aes i8mm bf16 dgh rng\nCPU implementer\t: 0x41\n';
const withoutBf16 =
  'processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd evtstrm aes svebf16 ssbs\nCPU implementer\t: 0x41\n';

const linux = { platform: 'linux', arch: 'arm64' } as const;

it.each([
  ['arm64 Linux whose processor has it', linux, withBf16, true],
  ['arm64 Linux whose processor has it for SVE only', linux, withoutBf16, false],
  [
    'macOS, where ONNX Runtime has no such routines',
    { platform: 'darwin', arch: 'arm64' } as const,
    withBf16,
    false,
  ],
  ['x64', { platform: 'linux', arch: 'x64' } as const, withBf16, false],
])('%s: %#', (_, machine, cpuinfo, expected) => {
  expect(hasBf16Arithmetic(machine, () => cpuinfo)).toBe(expected);
});

it('no /proc/cpuinfo: no', () => {
  expect(
    hasBf16Arithmetic(linux, () => {
      throw new Error('ENOENT');
    }),
  ).toBe(false);
});
