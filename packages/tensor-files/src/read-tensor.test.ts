import { truncate, writeFile } from 'node:fs/promises';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { expect, test } from 'vitest';
import { readTensor, readTensorBytes } from './read-tensor.js';
import { readSafetensorsHeader } from './safetensors-header.js';
import type { TensorEntry } from './tensor-index.js';
import { openTensorIndex } from './tensor-index-opening.js';
import { failureOf, safetensorsBytes, scratchFolder } from './testing/scratch.js';

const scratch = scratchFolder();

/** A file with one tensor of these bytes; `padding` shifts where they lie. */
async function oneTensor(
  dtype: string,
  bytes: Uint8Array,
  elementBytes: number,
  padding = 0,
): Promise<TensorEntry> {
  const shape = [bytes.length / elementBytes];
  const header = JSON.stringify({ a: { dtype, shape, data_offsets: [0, bytes.length] } });
  const file = scratch.path(`${dtype}-${padding}`);
  await writeFile(file, Buffer.concat([safetensorsBytes(header + ' '.repeat(padding), 0), bytes]));
  const entry = (await readSafetensorsHeader(file)).tensors.get('a');
  if (entry === undefined) throw new Error('the sample has no tensor');
  return entry;
}

const halves = (...bits: number[]) => new Uint8Array(new Uint16Array(bits).buffer);

test('reads float32 wherever it lies in the file', async () => {
  const values = new Float32Array([1, -2.5, 3e-40, Number.NaN, Number.POSITIVE_INFINITY]);
  for (const padding of [0, 1, 2, 3]) {
    const entry = await oneTensor('F32', new Uint8Array(values.buffer), 4, padding);
    expect(await readTensor(entry)).toEqual({ data: values, dims: [5] });
  }
});

test('reads a tensor that the reference wrote', async () => {
  const entry = (await openTensorIndex(goldenCheckpoint('vit-tiny-p14'))).tensors.get('layernorm.weight');
  if (entry === undefined) throw new Error('no layernorm.weight');
  const { data, dims } = await readTensor(entry, { requireFinite: true });
  expect(dims).toEqual([64]);
  // Drawn from a normal distribution around 1 with a spread of 0.2 (make_golden.py).
  expect(data.reduce((sum, value) => sum + value) / 64).toBeCloseTo(1, 0);
  expect(new Set(data).size).toBe(64);
});

test('reads F16 exactly', async () => {
  const entry = await oneTensor(
    'F16',
    halves(0x3c00, 0xc500, 0x7bff, 0x0001, 0x03ff, 0x0400, 0x8000, 0x7c00, 0xfc00, 0x7e01),
    2,
    1,
  );
  expect([...(await readTensor(entry)).data]).toEqual([
    1,
    -5,
    65504,
    2 ** -24,
    1023 * 2 ** -24,
    2 ** -14,
    -0,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
  ]);
});

test('reads BF16 exactly', async () => {
  const entry = await oneTensor('BF16', halves(0x3f80, 0xc040, 0x7f7f, 0x0001, 0x8000, 0x7f80), 2, 3);
  expect([...(await readTensor(entry)).data]).toEqual([
    1,
    -3,
    255 * 2 ** 120,
    2 ** -133,
    -0,
    Number.POSITIVE_INFINITY,
  ]);
});

test('rounds F64 to the nearest float32', async () => {
  const entry = await oneTensor(
    'F64',
    new Uint8Array(new Float64Array([0.1, -1e300, 16777217]).buffer),
    8,
    2,
  );
  expect([...(await readTensor(entry)).data]).toEqual([Math.fround(0.1), Number.NEGATIVE_INFINITY, 16777216]);
});

test('reads a tensor longer than a chunk', async () => {
  const values = new Float64Array(2 * 1024 * 1024 + 7).map((_, position) => position);
  const { data } = await readTensor(await oneTensor('F64', new Uint8Array(values.buffer), 8));
  expect(Buffer.compare(Buffer.from(data.buffer), Buffer.from(Float32Array.from(values).buffer))).toBe(0);
});

test('gives the bytes of any type', async () => {
  const bytes = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(await readTensorBytes(await oneTensor('I64', bytes, 8))).toEqual(bytes);
});

test('refuses types that are no floating-point numbers', async () => {
  const failure = await failureOf(readTensor(await oneTensor('I64', new Uint8Array(8), 8)));
  expect(failure.code).toBe('SAFETENSORS_TYPE_UNSUPPORTED');
  expect(failure.message).toContain('"a"');
});

test('finds the first value that is not finite, where asked', async () => {
  const entry = await oneTensor('BF16', halves(0x3f80, 0xff80), 2);
  const failure = await failureOf(readTensor(entry, { requireFinite: true }));
  expect(failure.code).toBe('SAFETENSORS_NOT_FINITE');
  expect(failure.message).toContain('-Infinity at element 1');
});

test('notices a file that was cut short after its header was read', async () => {
  const entry = await oneTensor('F32', new Uint8Array(64), 4, 4);
  await truncate(entry.file, entry.offset + 60);
  for (const read of [readTensor, readTensorBytes]) {
    expect((await failureOf(read(entry))).code).toBe('SAFETENSORS_FILE_CHANGED');
  }
});

test('refuses a tensor that no memory holds', async () => {
  const entry: TensorEntry = {
    name: 'a',
    type: 'F32',
    shape: [2 ** 50],
    file: 'none',
    offset: 0,
    byteLength: 2 ** 52,
  };
  expect((await failureOf(readTensor(entry))).code).toBe('SAFETENSORS_TENSOR_TOO_LARGE');
});

test('stops when aborted', async () => {
  const entry = await oneTensor('F32', new Uint8Array(64), 4);
  const signal = AbortSignal.abort();
  await expect(readTensor(entry, { signal })).rejects.toThrow(signal.reason);
  const reason = new Error('enough');
  await expect(readTensor(entry, { signal: AbortSignal.abort(reason) })).rejects.toThrow(reason);
});
