import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { availableThreads, cpuQuota } from './available-threads.js';

const quotaOf = (files: Readonly<Record<string, string>>) => cpuQuota((path) => files[path]);

describe('the CPU quota of the control groups', () => {
  it('is none where there are no groups', () => {
    expect(quotaOf({})).toBe(Infinity);
  });

  it('is that of version 2', () => {
    expect(quotaOf({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '150000 100000\n' })).toBe(1.5);
  });

  it('is none where version 2 says max', () => {
    expect(quotaOf({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' })).toBe(
      Infinity,
    );
  });

  it('is the smallest of a group and those around it', () => {
    const files = {
      '/proc/self/cgroup': '0::/outer/inner\n',
      '/sys/fs/cgroup/outer/inner/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/outer/cpu.max': '200000 100000\n',
      '/sys/fs/cgroup/cpu.max': '800000 100000\n',
    };
    expect(quotaOf(files)).toBe(2);
  });

  it('is that of version 1', () => {
    const files = {
      '/proc/self/cgroup': '5:memory:/a\n4:cpu,cpuacct:/a\n',
      '/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us': '50000\n',
      '/sys/fs/cgroup/cpu/a/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    };
    expect(quotaOf(files)).toBe(0.5);
  });

  it('is none where the files make no sense', () => {
    expect(quotaOf({ '/proc/self/cgroup': 'nonsense\n0::/\n', '/sys/fs/cgroup/cpu.max': 'many few' })).toBe(
      Infinity,
    );
  });
});

it('there is at least one thread, and no more than the process may use', () => {
  expect(availableThreads()).toBeGreaterThanOrEqual(1);
  expect(availableThreads()).toBeLessThanOrEqual(availableParallelism());
});
