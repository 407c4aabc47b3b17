import { readFile, writeFile } from 'node:fs/promises';
import { WebsslError } from '@webssl/backend';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readNpy } from './read-npy.js';
import { readTensorBytes } from './read-tensor.js';
import { readSafetensorsHeader } from './safetensors-header.js';
import { openTensorIndex } from './tensor-index-opening.js';
import { safetensorsBytes, scratchFolder } from './testing/scratch.js';

const scratch = scratchFolder();

/** Writes the bytes and reads them: a refusal must be one of ours. Returns whether they were accepted. */
async function survives(
  bytes: Uint8Array,
  read: (file: string) => Promise<void>,
  name = 'fuzz',
): Promise<boolean> {
  const file = scratch.path(name);
  await writeFile(file, bytes);
  try {
    await read(file);
    return true;
  } catch (error) {
    if (!WebsslError.isInstance(error)) throw error;
    expect(error.code).toMatch(/^(SAFETENSORS|NPY)_[A-Z_]+$/);
    expect(error.message).toContain(file);
    return false;
  }
}

/** Reads a file, and checks what the header promises: the tensors tile the data, and each can be read. */
async function readAll(file: string): Promise<void> {
  const header = await readSafetensorsHeader(file);
  let end = header.dataOffset;
  for (const entry of header.tensors.values()) {
    expect(entry.offset).toBe(end);
    end += entry.byteLength;
    expect(await readTensorBytes(entry)).toHaveLength(entry.byteLength);
  }
  expect(end).toBe((await readFile(file)).length);
}

async function readNumbers(file: string): Promise<void> {
  const { data, dims } = await readNpy(file);
  expect(dims.reduce((product, size) => product * size, 1)).toBe(data.length);
}

/** Bytes of a valid file with some of them replaced, removed or put in. */
function mutated(bytes: Buffer, within: number): fc.Arbitrary<Buffer> {
  const edit = fc.record({
    at: fc.nat({ max: within }),
    remove: fc.nat({ max: 3 }),
    insert: fc.uint8Array({ maxLength: 3 }),
  });
  return fc
    .array(edit, { minLength: 1, maxLength: 4 })
    .map((edits) =>
      edits.reduce(
        (result, { at, remove, insert }) =>
          Buffer.concat([result.subarray(0, at), insert, result.subarray(at + remove)]),
        bytes,
      ),
    );
}

test('arbitrary bytes never crash a reader', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      await survives(bytes, readAll);
      await survives(bytes, readNumbers);
      await survives(safetensorsBytes(bytes, 0), readAll);
      await survives(safetensorsBytes(Buffer.concat([Buffer.from('{'), bytes]), 0), readAll);
      await survives(Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), bytes]), readNumbers);
      await survives(bytes, async (file) => void (await openTensorIndex(file)), 'fuzz.index.json');
    }),
    { numRuns: 300 },
  );
});

test('a mutated safetensors file is refused, or tiles its data still', async () => {
  const header = JSON.stringify({
    __metadata__: { format: 'pt' },
    a: { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
    b: { dtype: 'BF16', shape: [4], data_offsets: [24, 32] },
    c: { dtype: 'U8', shape: [], data_offsets: [32, 33] },
  });
  const valid = safetensorsBytes(header, 33);
  expect(await survives(valid, readAll)).toBe(true);
  await fc.assert(
    fc.asyncProperty(mutated(valid, valid.length), async (bytes) => void (await survives(bytes, readAll))),
    { numRuns: 2000 },
  );
});

test('any header of plausible values is refused, or tiles its data', async () => {
  const count = fc.oneof(fc.nat({ max: 8 }), fc.constantFrom(-1, 0.5, 2 ** 53, 2 ** 31, 1e300));
  const entry = fc.record(
    {
      dtype: fc.constantFrom('F32', 'U8', 'F4', 'BF16', 'X', '__proto__'),
      shape: fc.array(count, { maxLength: 3 }),
      data_offsets: fc.array(count, { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: ['dtype'] },
  );
  const header = fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'constructor', '__metadata__'), entry);
  await fc.assert(
    fc.asyncProperty(header, fc.nat({ max: 16 }), async (members, dataBytes) => {
      await survives(safetensorsBytes(JSON.stringify(members), dataBytes), readAll);
    }),
    { numRuns: 2000 },
  );
});

test('a mutated npy file is refused, or holds what its shape says', async () => {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.padEnd(117).concat('\n');
  const valid = Buffer.concat([Buffer.from(`\x93NUMPY\x01\x00\x76\x00${text}`, 'latin1'), Buffer.alloc(24)]);
  expect(await survives(valid, readNumbers)).toBe(true);
  await fc.assert(
    fc.asyncProperty(
      mutated(valid, valid.length),
      async (bytes) => void (await survives(bytes, readNumbers)),
    ),
    { numRuns: 2000 },
  );
});

test('a mutated index is refused, or opens its shards', async () => {
  const folder = goldenCheckpoint('vit-tiny-sharded');
  for (const shard of ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']) {
    await writeFile(scratch.path(shard), await readFile(`${folder}/${shard}`));
  }
  const valid = await readFile(`${folder}/model.safetensors.index.json`);
  const open = async (file: string) => void (await openTensorIndex(file));
  expect(await survives(valid, open, 'valid.index.json')).toBe(true);
  await fc.assert(
    fc.asyncProperty(
      mutated(valid, 200),
      async (bytes) => void (await survives(bytes, open, 'fuzz.index.json')),
    ),
    { numRuns: 500 },
  );
});
