import { readFileSync } from 'node:fs';

/**
 * Whether ONNX Runtime can compute matrix products in bf16 here: it has such routines for arm64 under Linux, and uses them where the
 * processor has the instructions (Graviton 3, Neoverse V1 and later, Kunpeng 930).
 */
export function hasBf16Arithmetic(
  { platform, arch }: Pick<NodeJS.Process, 'platform' | 'arch'> = process,
  read: () => string = () => readFileSync('/proc/cpuinfo', 'utf8'),
): boolean {
  if (platform !== 'linux' || arch !== 'arm64') return false;
  try {
    return /^Features\s*:.*\bbf16\b/m.test(read());
  } catch {
    return false;
  }
}
