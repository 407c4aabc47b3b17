import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';

/** What the figures were measured on. */
export interface Machine {
  readonly processor: string;
  /** Cores that this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  /** Versions of the libraries that do the work. */
  readonly libraries: Readonly<Record<string, string>>;
  /** Share of the cores that others used in the second before the benchmark, 0 to 1. */
  readonly busyShare: number;
}

const runtime: { version: string } = createRequire(import.meta.url)('onnxruntime-node/package.json');

/** Looks at the machine for a second. */
export async function describeMachine(): Promise<Machine> {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${distribution() ?? type()}, ${type()} ${release()} ${process.arch}`,
    node: process.versions.node,
    libraries: {
      'onnxruntime-node': runtime.version,
      sharp: sharp.versions.sharp ?? '?',
      libvips: sharp.versions.vips,
    },
    busyShare: await busyShare(),
  };
}

async function busyShare(): Promise<number> {
  const before = processorTimes();
  await setTimeout(1000);
  const after = processorTimes();
  return 1 - (after.idle - before.idle) / (after.all - before.all);
}

/** Milliseconds of all cores since the system started. */
function processorTimes(): { readonly idle: number; readonly all: number } {
  const times = cpus().map(({ times }) => times);
  return {
    idle: times.reduce((sum, { idle }) => sum + idle, 0),
    all: times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0),
  };
}

/** The system's name of itself (os-release(5)). */
function distribution(): string | undefined {
  try {
    return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}
