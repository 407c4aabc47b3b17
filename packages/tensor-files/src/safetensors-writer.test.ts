import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readTensor, readTensorBytes } from './read-tensor.js';
import { createSafetensorsWriter } from './safetensors-writer.js';
import { openTensorIndex } from './tensor-index-opening.js';
import { runModule } from './testing/child-process.js';
import { failureOf, scratchFolder } from './testing/scratch.js';
import { writeSafetensors } from './write-safetensors.js';

const scratch = scratchFolder();
const partials = async () => (await scratch.names()).filter((name) => name.endsWith('.partial'));
const row = (...values: number[]) => ({ data: new Float32Array(values), dims: [values.length] });

test('gives the bytes that writing all rows at once gives', async () => {
  const writer = await createSafetensorsWriter(scratch.path('rows'));
  for (let image = 0; image < 5; image++) {
    await writer.append('patches', { data: new Float32Array(6).fill(image), dims: [3, 2] });
    await writer.append('cls', row(image, -image));
    await writer.append('index', { data: new BigInt64Array([BigInt(image)]), dims: [] });
  }
  await writer.finish({ images: '5' });

  const all = Float32Array.from({ length: 30 }, (_, position) => Math.floor(position / 6));
  await writeSafetensors(
    scratch.path('whole'),
    {
      cls: { data: new Float32Array([0, -0, 1, -1, 2, -2, 3, -3, 4, -4]), dims: [5, 2] },
      patches: { data: all, dims: [5, 3, 2] },
      index: { data: new BigInt64Array([0n, 1n, 2n, 3n, 4n]), dims: [5] },
    },
    { images: '5' },
  );
  expect(await readFile(scratch.path('rows'))).toEqual(await readFile(scratch.path('whole')));
  expect(await partials()).toEqual([]);
});

test('keeps the order of calls that are not awaited', async () => {
  const writer = await createSafetensorsWriter(scratch.path('order'));
  const calls = Array.from({ length: 200 }, (_, position) => writer.append('a', row(position)));
  await Promise.all([...calls, writer.finish()]);
  const entry = (await openTensorIndex(scratch.path('order'))).tensors.get('a');
  expect(entry?.shape).toEqual([200, 1]);
  if (entry !== undefined)
    expect([...(await readTensor(entry)).data]).toEqual(calls.map((_, position) => position));
});

test('copies rows longer than a chunk', async () => {
  const values = new Uint8Array(9 * 1024 * 1024).map((_, position) => position % 251);
  const writer = await createSafetensorsWriter(scratch.path('long'));
  await writer.append('a', { data: values, dims: [values.length] });
  await writer.finish();
  const entry = (await openTensorIndex(scratch.path('long'))).tensors.get('a');
  if (entry === undefined) throw new Error('no tensor');
  expect(Buffer.compare(await readTensorBytes(entry), values)).toBe(0);
});

test('shows nothing under the final name before the end, and nothing at all after an abort', async () => {
  const writer = await createSafetensorsWriter(scratch.path('aborted'));
  await writer.append('a', row(1));
  await writer.append('b', row(1));
  expect(await scratch.names()).not.toContain('aborted');
  expect(await partials()).toHaveLength(2);
  await writer.abort();
  await writer.abort();
  expect(await scratch.names()).not.toContain('aborted');
  expect(await partials()).toEqual([]);
  for (const late of [writer.append('a', row(1)), writer.finish()]) {
    expect((await failureOf(late)).code).toBe('OUTPUT_CLOSED');
  }
});

describe('refuses', () => {
  test('a row that differs from the earlier ones, and stays usable', async () => {
    const writer = await createSafetensorsWriter(scratch.path('mixed'));
    const dims = [2];
    await writer.append('a', { data: new Float32Array(2), dims });
    dims[0] = 3;
    const longer = await failureOf(writer.append('a', row(1, 2, 3)));
    expect(longer.code).toBe('SAFETENSORS_TENSOR_INVALID');
    expect(longer.message).toMatch(/earlier rows are F32 \[2\], this one is F32 \[3\]/);
    const other = await failureOf(writer.append('a', { data: new Int32Array(2), dims: [2] }));
    expect(other.message).toMatch(/this one is I32 \[2\]/);
    await writer.append('a', row(3, 4));
    await writer.finish();
    expect((await openTensorIndex(scratch.path('mixed'))).tensors.get('a')?.shape).toEqual([2, 2]);
  });

  test('a missing output folder, before the first row', async () => {
    expect((await failureOf(createSafetensorsWriter(scratch.path('no/file')))).code).toBe(
      'OUTPUT_FOLDER_MISSING',
    );
  });
});

describe.skipIf(process.platform === 'win32')('leaves no half file', () => {
  const append = `
    import { createSafetensorsWriter } from '@webssl/tensor-files';
    const writer = await createSafetensorsWriter(process.env.TARGET ?? TARGET);`;

  test.each([
    ['a row', 1e6, 1],
    ['the assembled file', 7000, 3],
  ])('when the disk fills up with %s', async (_, length, tensors) => {
    const file = scratch.path(`full-${length}`);
    const { output } = runModule(
      `const TARGET = ${JSON.stringify(file)};${append}
      try {
        for (let k = 0; k < ${tensors}; k++) {
          await writer.append('t' + k, { data: new Float32Array(${length}), dims: [${length}] });
        }
        console.log('appended');
        await writer.finish();
      } catch (error) {
        console.log(error.code, error.cause.code);
      }`,
      64,
    );
    const appended = tensors > 1 ? 'appended\n' : '';
    expect(await output).toBe(`${appended}OUTPUT_WRITE_FAILED EFBIG`);
    expect(await scratch.names()).not.toContain(`full-${length}`);
    expect(await partials()).toEqual([]);
  });

  test('when the process is killed; the next run is not disturbed', async () => {
    const file = scratch.path('killed');
    const { child, output } = runModule(
      `const TARGET = ${JSON.stringify(file)};${append}
      for (;;) {
        await writer.append('a', { data: new Float32Array(1e5), dims: [1e5] });
        console.log('row');
      }`,
    );
    if (child.stdout !== null) await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await output;
    expect(await scratch.names()).not.toContain('killed');
    expect(await partials()).toHaveLength(1);

    const writer = await createSafetensorsWriter(file);
    await writer.append('a', row(7));
    await writer.finish();
    expect((await openTensorIndex(file)).tensors.get('a')?.shape).toEqual([1, 1]);
  });
});
