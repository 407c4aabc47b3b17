import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readNpy } from './read-npy.js';
import { runModule } from './testing/child-process.js';
import { failureOf, scratchFolder } from './testing/scratch.js';
import { createNpyWriter, writeNpy } from './write-npy.js';

const scratch = scratchFolder();

/** An npy file put together by the documented format. */
function npyBytes(dictionary: string, numbers: readonly number[], version = 1): Buffer {
  const prefix = Buffer.from([0x93, ...Buffer.from('NUMPY'), version, 0]);
  const text = Buffer.from(dictionary, version === 3 ? 'utf8' : 'latin1');
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(text.length, 0, length.length);
  return Buffer.concat([prefix, length, text, new Uint8Array(new Float32Array(numbers).buffer)]);
}

const read = async (bytes: Uint8Array) => {
  await writeFile(scratch.path('sample.npy'), bytes);
  return readNpy(scratch.path('sample.npy'));
};

test('writes the documented format', async () => {
  await writeNpy(scratch.path('a.npy'), { data: new Float32Array([1, -2, 0.5, 4, 5, 6]), dims: [2, 3] });
  const bytes = await readFile(scratch.path('a.npy'));
  expect(bytes.subarray(0, 8)).toEqual(Buffer.from('\x93NUMPY\x01\x00', 'latin1'));
  const headerLength = bytes.readUInt16LE(8);
  expect((10 + headerLength) % 64).toBe(0);
  const header = bytes.subarray(10, 10 + headerLength).toString('latin1');
  expect(header).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': \(2, 3\), \} *\n$/);
  expect([0, 4, 8, 20].map((offset) => bytes.readFloatLE(10 + headerLength + offset))).toEqual([
    1, -2, 0.5, 6,
  ]);
  expect(bytes.length).toBe(10 + headerLength + 24);
});

test.each([
  ['()', []],
  ['(3,)', [3]],
  ['(3, 1)', [3, 1]],
  ['( 3 ,1, )', [3, 1]],
  ['(0, 7)', [0, 7]],
])('reads the shape %s', async (tuple, dims) => {
  const size = dims.reduce((product, size) => product * size, 1);
  const numbers = Array.from({ length: size }, (_, position) => position + 0.5);
  for (const version of [1, 2, 3]) {
    const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }     \n`;
    expect(await read(npyBytes(text, numbers, version))).toEqual({ data: new Float32Array(numbers), dims });
  }
  await writeNpy(scratch.path('again.npy'), { data: new Float32Array(numbers), dims });
  expect(await readNpy(scratch.path('again.npy'))).toEqual({ data: new Float32Array(numbers), dims });
});

test('reads the keys in any order and with either quotes', async () => {
  const tensor = await read(npyBytes(`{"shape": (2,), "fortran_order": False, 'descr': "<f4"}\n`, [1, 2]));
  expect(tensor.dims).toEqual([2]);
});

const dictionary = (descr: string, order = 'False', shape = '(2,)') =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

describe('refuses to read', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['another format', Buffer.from('{"a": 1}'), /does not begin as npy/],
    ['nothing', Buffer.alloc(0), /does not begin as npy/],
    [
      'a file that ends in its header',
      npyBytes(dictionary(`'<f4'`), []).subarray(0, 30),
      /ends within its header/,
    ],
    ['a file that ends before its header', npyBytes('', []).subarray(0, 9), /ends within its header/],
    ['an unknown version', npyBytes(dictionary(`'<f4'`), [1, 2], 4), /version is 4\.0/],
    [
      'a huge header',
      npyBytes(dictionary(`'<f4'`) + ' '.repeat(20_000), [1, 2], 2),
      /more than the limit of 10000/,
    ],
    ['float64', npyBytes(dictionary(`'<f8'`), [1, 2, 3, 4]), /numbers are <f8/],
    ['big endian', npyBytes(dictionary(`'>f4'`), [1, 2]), /numbers are >f4/],
    ['Python objects', npyBytes(dictionary(`'|O'`), [1, 2]), /numbers are \|O/],
    ['a record type', npyBytes(dictionary(`[('x', '<f4')]`), [1, 2]), /not understood/],
    ['Fortran order', npyBytes(dictionary(`'<f4'`, 'True'), [1, 2]), /not in C order/],
    ['fewer bytes than the shape', npyBytes(dictionary(`'<f4'`), [1]), /takes 8 bytes, 4 follow/],
    ['more bytes than the shape', npyBytes(dictionary(`'<f4'`), [1, 2, 3]), /takes 8 bytes, 12 follow/],
    [
      'a shape that overflows',
      npyBytes(dictionary(`'<f4'`, 'False', '(4294967296, 4294967296)'), []),
      /no countable number/,
    ],
    [
      'a shape that is no tuple',
      npyBytes(dictionary(`'<f4'`, 'False', '(2)'), [1, 2]),
      /shape is not understood/,
    ],
    [
      'a shape with a hole',
      npyBytes(dictionary(`'<f4'`, 'False', '(1,,2)'), [1, 2]),
      /shape is not understood/,
    ],
    [
      'a missing key',
      npyBytes(`{'descr': '<f4', 'fortran_order': False}\n`, [1]),
      /shape is not understood: \(none\)/,
    ],
    ['a key twice', npyBytes(`{'descr': '<f4', 'descr': '<f4'}\n`, []), /not understood/],
    ['an expression', npyBytes(`{'descr': '<f4', 'shape': (1+1,)}\n`, [1, 2]), /not understood/],
    ['no dictionary', npyBytes('None\n', []), /no dictionary/],
  ])('%s', async (_, bytes, message) => {
    const failure = await failureOf(read(bytes));
    expect(failure.code).toBe('NPY_INVALID');
    expect(failure.message).toMatch(message);
  });

  test('a file that is missing', async () => {
    expect((await failureOf(readNpy(scratch.path('none.npy')))).code).toBe('NPY_FILE_MISSING');
  });
});

describe('the row writer', () => {
  test('gives the bytes that writing all rows at once gives', async () => {
    const writer = await createNpyWriter(scratch.path('rows.npy'));
    for (let image = 0; image < 3; image++) {
      await writer.append({ data: new Float32Array([image, 2 * image]), dims: [1, 2] });
      expect(await scratch.names()).not.toContain('rows.npy');
    }
    await writer.finish();
    await writeNpy(scratch.path('whole.npy'), {
      data: new Float32Array([0, 0, 1, 2, 2, 4]),
      dims: [3, 1, 2],
    });
    expect(await readFile(scratch.path('rows.npy'))).toEqual(await readFile(scratch.path('whole.npy')));
  });

  test('writes an empty array where there was no row', async () => {
    const writer = await createNpyWriter(scratch.path('none.npy'));
    await writer.finish();
    expect(await readNpy(scratch.path('none.npy'))).toEqual({ data: new Float32Array(0), dims: [0] });
  });

  test('refuses a row of other dims, and stays usable', async () => {
    const writer = await createNpyWriter(scratch.path('mixed.npy'));
    await writer.append({ data: new Float32Array(2), dims: [2] });
    const failure = await failureOf(writer.append({ data: new Float32Array(2), dims: [1, 2] }));
    expect(failure.code).toBe('NPY_TENSOR_INVALID');
    expect(failure.message).toMatch(/earlier rows are \[2\], this one is \[1, 2\]/);
    await writer.finish();
    expect((await readNpy(scratch.path('mixed.npy'))).dims).toEqual([1, 2]);
  });

  test('removes everything when aborted', async () => {
    const writer = await createNpyWriter(scratch.path('aborted.npy'));
    await writer.append({ data: new Float32Array(2), dims: [2] });
    await writer.abort();
    await writer.abort();
    expect((await scratch.names()).filter((name) => name.includes('aborted'))).toEqual([]);
  });
});

test.each<[string, { data: Float32Array; dims: number[] }, RegExp]>([
  ['dims of another size', { data: new Float32Array(3), dims: [2] }, /dims \[2\] do not fit 3/],
  ['a negative dimension', { data: new Float32Array(2), dims: [-1, -2] }, /do not fit/],
  ['too many dimensions', { data: new Float32Array(1), dims: [1, 1, 1, 1, 1, 1] }, /more than 5/],
])('refuses to write %s', async (_, tensor, message) => {
  const failure = await failureOf(writeNpy(scratch.path('refused.npy'), tensor));
  expect(failure.code).toBe('NPY_TENSOR_INVALID');
  expect(failure.message).toMatch(message);
  expect(await scratch.names()).not.toContain('refused.npy');
});

test.skipIf(process.platform === 'win32')('a full disk is an error and leaves nothing', async () => {
  const { output } = runModule(
    `import { createNpyWriter } from '@webssl/tensor-files';
    const writer = await createNpyWriter(${JSON.stringify(scratch.path('full.npy'))});
    await writer.append({ data: new Float32Array(1e6), dims: [1e6] }).catch((error) => console.log(error.code, error.cause.code));`,
    64,
  );
  expect(await output).toBe('OUTPUT_WRITE_FAILED EFBIG');
  expect((await scratch.names()).filter((name) => name.includes('full'))).toEqual([]);
});
