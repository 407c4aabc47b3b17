import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { candidateDevice, referenceDevice } from './device-choices.js';

const folder = temporaryFolder();

it('gives a CPU candidate the options of the reference, where it has none of its own', async () => {
  const options = { threads: 2, mode: 'throughput', candidateThreads: 1 } as const;
  expect(await referenceDevice('cpu', options)).toEqual({ device: 'cpu', threads: 2, mode: 'throughput' });
  expect(await candidateDevice('cpu', options)).toEqual({ device: 'cpu', threads: 1, mode: 'throughput' });
});

it('gives CPU options to no other device', async () => {
  const options = { threads: 2, mode: 'throughput' } as const;
  expect(await candidateDevice('acl-native:fp16@1', options)).toEqual({ device: 'acl-native:fp16@1' });
});

it('lets no other backend answer for npu where there is an offline model, and leaves those that are named', async () => {
  const options = { offlineModel: 'compiled' };
  expect(await candidateDevice('npu:fp16@1', options)).toEqual({
    device: 'acl-native:fp16@1',
    offlineModel: 'compiled',
  });
  expect(await candidateDevice('cann-onnx', options)).toMatchObject({ device: 'cann-onnx' });
  expect(await candidateDevice('npu', {})).toEqual({ device: 'npu' });
});

it('refuses a candidate’s CPU options where it is no CPU', () => {
  expect(() => candidateDevice('npu', { candidateThreads: 1 })).toThrow(
    /--candidate-threads and --candidate-mode are options of the CPU; npu has neither/,
  );
});

it('takes a backend of one’s own from a module', async () => {
  const path = join(folder, 'mine.mjs');
  writeFileSync(path, "export default { specificationVersion: 'v1', id: 'mine', probe() {}, open() {} };");
  expect(await candidateDevice(path, { threads: 2 })).toMatchObject({ device: { id: 'mine' } });
});

it.each([
  ['missing.mjs', undefined, /cannot be loaded/],
  ['throws.mjs', "throw new Error('no such card')", /cannot be loaded: no such card/],
  ['nothing.mjs', 'export const backend = 1;', /default export is no Backend/],
  ['old.mjs', "export default { specificationVersion: 'v0', id: 'a', probe() {}, open() {} };", /no Backend/],
])('says what is wrong with the module %s', async (name, text, reason) => {
  const path = join(folder, name);
  if (text !== undefined) writeFileSync(path, text);
  await expect(candidateDevice(path, {})).rejects.toMatchObject({
    code: 'BACKEND_MODULE_INVALID',
    message: expect.stringMatching(reason),
  });
});
