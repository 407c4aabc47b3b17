import { readFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, freemem, release, totalmem, type } from 'node:os';

/** What a machine is, as far as it decides what runs on it and how fast. */
export interface SystemFacts {
  /** Operating system, its version and the architecture. */
  readonly system: string;
  readonly node: string;
  /** Model of the processor; its architecture where the system does not say. */
  readonly processor: string;
  /** Processors that this process may use. */
  readonly processors: number;
  /** Instruction sets that matter for matrices, as Linux names them; empty where the system does not say. */
  readonly features: readonly string[];
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number };
}

/** Those of the many flags of a processor that matrix arithmetic uses. */
const telling =
  /^(?:avx|avx2|fma|avx_vnni|avx512(?:f|_vnni|_bf16|_fp16)|amx_\w+|asimd|asimddp|asimdhp|bf16|i8mm|sve|sve2|sme)$/;

export async function systemFacts(): Promise<SystemFacts> {
  return {
    system: `${type()} ${release()} ${arch()}`,
    node: process.versions.node,
    processor: cpus()[0]?.model.trim() || arch(),
    processors: availableParallelism(),
    features: await processorFeatures(),
    memory: { totalBytes: totalmem(), freeBytes: freemem() },
  };
}

async function processorFeatures(): Promise<readonly string[]> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const flags = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(text)?.[1] ?? '';
  return flags.split(' ').filter((flag) => telling.test(flag));
}
