import { expect, it } from 'vitest';
import { physicalCores } from './physical-cores.js';

const siblings = (cpu: number) => `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`;

function coresOf(allowed: string, topology: Readonly<Record<number, string>>) {
  const files = new Map([
    [
      '/proc/self/status',
      `Name:\tnode\nCpus_allowed:\tf\nCpus_allowed_list:\t${allowed}\nMems_allowed:\t1\n`,
    ],
    ...Object.entries(topology).map(([cpu, list]) => [siblings(Number(cpu)), `${list}\n`] as const),
  ]);
  return physicalCores((path) => files.get(path));
}

it.each([
  ['two threads a core', '0-3', { 0: '0,2', 1: '1,3', 2: '0,2', 3: '1,3' }, 2],
  ['one thread a core', '0-1', { 0: '0', 1: '1' }, 2],
  ['only some of the CPUs, both threads of one core', '1,3', { 0: '0,2', 1: '1,3', 2: '0,2', 3: '1,3' }, 1],
  ['only some of the CPUs, one thread each', '0-1', { 0: '0,2', 1: '1,3', 2: '0,2', 3: '1,3' }, 2],
  ['a CPU whose topology is not known', '0-1', { 0: '0' }, undefined],
  ['a list that makes no sense', 'all', { 0: '0' }, undefined],
] as const)('cores with %s', (_, allowed, topology, cores) => {
  expect(coresOf(allowed, topology)).toBe(cores);
});

it('are not known where there is no such file system', () => {
  expect(physicalCores(() => undefined)).toBeUndefined();
});
