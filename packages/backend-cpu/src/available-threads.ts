import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { physicalCores, type ReadText } from './physical-cores.js';

const groupRoot = '/sys/fs/cgroup';

/**
 * How many threads this process can keep busy: the cores that the scheduler allows it (CPUs, where the system does not tell which of
 * them share a core), and no more than the CPU quota of its control groups (a container's `--cpus`), rounded up. At least 1.
 */
export function availableThreads(): number {
  const cores = physicalCores(readText) ?? Number.POSITIVE_INFINITY;
  return Math.max(1, Math.min(availableParallelism(), cores, Math.ceil(cpuQuota(readText))));
}

/**
 * The smallest CPU quota, in CPUs, of the control groups that a Linux process is in; `Infinity` where there is none.
 * Understands version 2 (`cpu.max`) and version 1 (`cpu.cfs_quota_us`). See the kernel's admin-guide/cgroup-v2 and
 * scheduler/sched-bwc.
 */
export function cpuQuota(read: ReadText): number {
  const quotas = (read('/proc/self/cgroup') ?? '').split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined) return [];
    if (controllers === '') return ancestors(path).map((group) => quotaOfVersion2(read, group));
    return controllers?.split(',').includes('cpu')
      ? ancestors(path).map((group) => quotaOfVersion1(read, join('cpu', group)))
      : [];
  });
  return Math.min(Infinity, ...quotas);
}

/** A group and the groups around it: each one limits what is inside. */
function ancestors(path: string): string[] {
  const parts = path.split('/').filter(Boolean);
  return Array.from({ length: parts.length + 1 }, (_, length) => join('/', ...parts.slice(0, length)));
}

function quotaOfVersion2(read: ReadText, group: string): number {
  const [quota, period] = (read(join(groupRoot, group, 'cpu.max')) ?? '').trim().split(/\s+/);
  return ratio(quota, period);
}

function quotaOfVersion1(read: ReadText, group: string): number {
  const folder = join(groupRoot, group);
  return ratio(
    read(join(folder, 'cpu.cfs_quota_us'))?.trim(),
    read(join(folder, 'cpu.cfs_period_us'))?.trim(),
  );
}

/** Neither `max` nor -1 nor an absent file is a limit. */
function ratio(quota: string | undefined, period: string | undefined): number {
  const cpus = Number(quota) / Number(period);
  return cpus > 0 ? cpus : Infinity;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
