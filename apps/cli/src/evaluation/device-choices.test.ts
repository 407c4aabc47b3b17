import { expect, it } from 'vitest';
import { candidateDevice, referenceDevice } from './device-choices.js';

it('gives a CPU candidate the options of the reference, where it has none of its own', () => {
  const options = { threads: 2, mode: 'throughput', candidateThreads: 1 } as const;
  expect(referenceDevice('cpu', options)).toEqual({ device: 'cpu', threads: 2, mode: 'throughput' });
  expect(candidateDevice('cpu', options)).toEqual({ device: 'cpu', threads: 1, mode: 'throughput' });
});

it('gives CPU options to no other device', () => {
  const options = { threads: 2, mode: 'throughput' } as const;
  expect(candidateDevice('acl-native:fp16@1', options)).toEqual({ device: 'acl-native:fp16@1' });
});

it('refuses a candidate’s CPU options where it is no CPU', () => {
  expect(() => candidateDevice('npu', { candidateThreads: 1 })).toThrow(
    /--candidate-threads and --candidate-mode are options of the CPU; npu has neither/,
  );
});
