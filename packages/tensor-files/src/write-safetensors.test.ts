import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { expect, test } from 'vitest';
import { readTensor, readTensorBytes } from './read-tensor.js';
import { openTensorIndex } from './tensor-index-opening.js';
import { runModule } from './testing/child-process.js';
import { failureOf, scratchFolder } from './testing/scratch.js';
import type { WritableTensor } from './writable-tensor.js';
import { writeSafetensors } from './write-safetensors.js';

const scratch = scratchFolder();

test('writes the very bytes that the reference writes', async () => {
  const original = `${goldenCheckpoint('dinov2-tiny-p14')}/model.safetensors`;
  const index = await openTensorIndex(original);
  const tensors = new Map<string, WritableTensor>();
  for (const entry of [...index.tensors.values()].reverse()) {
    const { data, dims } = await readTensor(entry);
    tensors.set(entry.name, { data, dims });
  }
  await writeSafetensors(scratch.path('copy'), tensors, index.metadata);
  expect(Buffer.compare(await readFile(scratch.path('copy')), await readFile(original))).toBe(0);
});

test('keeps every type, shape and name', async () => {
  const tensors = new Map<string, WritableTensor>([
    ['__proto__', { data: new Int8Array([-1, 2]), dims: [2] }],
    ['7', { data: new BigUint64Array([2n ** 63n]), dims: [] }],
    ['scalar', { data: new Float64Array([Math.PI]), dims: [] }],
    ['none', { data: new Float32Array(0), dims: [3, 0] }],
    ['half', { data: new Uint16Array([0x3c00, 0x4000, 0x4200]), dims: [3, 1], type: 'F16' }],
    ['flags', { data: new Uint8Array([1, 0, 1]), dims: [3], type: 'BOOL' }],
    ['part', { data: new Float32Array([9, 1, 2, 9]).subarray(1, 3), dims: [1, 2] }],
  ]);
  const file = scratch.path('types');
  await writeSafetensors(file, tensors, { 'b "quoted"': '2', a: 'ünï' });
  const { tensors: entries, metadata } = await openTensorIndex(file);
  expect({ ...metadata }).toEqual({ a: 'ünï', 'b "quoted"': '2' });
  expect([...entries.values()].map(({ name, type, shape }) => [name, type, shape])).toEqual([
    ['7', 'U64', []],
    ['scalar', 'F64', []],
    ['none', 'F32', [3, 0]],
    ['part', 'F32', [1, 2]],
    ['half', 'F16', [3, 1]],
    ['__proto__', 'I8', [2]],
    ['flags', 'BOOL', [3]],
  ]);
  for (const entry of entries.values()) {
    const data = tensors.get(entry.name)?.data;
    if (data === undefined) throw new Error(entry.name);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    expect(await readTensorBytes(entry)).toEqual(bytes);
    if (entry.byteLength > 0) expect(entry.offset % data.BYTES_PER_ELEMENT).toBe(0);
  }
});

test('writes an empty file of no tensors', async () => {
  await writeSafetensors(scratch.path('empty'), {});
  expect(await readFile(scratch.path('empty'), 'latin1')).toBe('\x08\0\0\0\0\0\0\0{}      ');
});

test.each<[string, string, WritableTensor, RegExp]>([
  [
    'dims of another size',
    'a',
    { data: new Float32Array(3), dims: [2, 2] },
    /dims \[2, 2\] of type F32 take 16 bytes, the data has 12/,
  ],
  ['a negative dimension', 'a', { data: new Float32Array(0), dims: [-1, 0] }, /not all whole numbers/],
  ['a broken dimension', 'a', { data: new Float32Array(1), dims: [0.5, 2] }, /not all whole numbers/],
  ['a type of another width', 'a', { data: new Float32Array(1), dims: [1], type: 'F16' }, /take 2 bytes/],
  ['the name of the metadata', '__metadata__', { data: new Float32Array(1), dims: [1] }, /keeps this name/],
  ['half a surrogate pair', '\ud800', { data: new Float32Array(1), dims: [1] }, /surrogate/],
])('refuses %s', async (_, name, tensor, message) => {
  const failure = await failureOf(writeSafetensors(scratch.path('refused'), new Map([[name, tensor]])));
  expect(failure.code).toBe('SAFETENSORS_TENSOR_INVALID');
  expect(failure.message).toMatch(message);
  expect(await scratch.names()).not.toContain('refused');
});

test('asks for a missing output folder', async () => {
  const failure = await failureOf(writeSafetensors(scratch.path('no/such/file'), {}));
  expect(failure.code).toBe('OUTPUT_FOLDER_MISSING');
  expect(failure.message).toContain(scratch.path('no/such'));
});

test('leaves a folder of the same name alone, and nothing beside it', async () => {
  await mkdir(scratch.path('taken'));
  await writeFile(scratch.path('taken/inside'), '');
  const failure = await failureOf(writeSafetensors(scratch.path('taken'), {}));
  expect(failure.code).toBe('OUTPUT_WRITE_FAILED');
  expect(failure.cause).toBeInstanceOf(Error);
  expect((await scratch.names()).filter((name) => name.includes('partial'))).toEqual([]);
});

test.skipIf(process.platform === 'win32')(
  'a full disk is an error, and what was there before stays',
  async () => {
    const file = scratch.path('full');
    await writeFile(file, 'before');
    const { output } = runModule(
      `import { writeSafetensors } from '@webssl/tensor-files';
    await writeSafetensors(${JSON.stringify(file)}, { a: { data: new Float32Array(1e6), dims: [1e6] } }).catch((error) =>
      console.log(error.code, error.cause.code, error.message));`,
      64,
    );
    expect(await output).toMatch(
      /^OUTPUT_WRITE_FAILED EFBIG Cannot write .*full: the disk or the quota is full/,
    );
    expect(await readFile(file, 'utf8')).toBe('before');
    expect((await scratch.names()).filter((name) => name.includes('partial'))).toEqual([]);
  },
);
