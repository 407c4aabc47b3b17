import { mkdir, writeFile } from 'node:fs/promises';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, test } from 'vitest';
import { readSafetensorsHeader } from './safetensors-header.js';
import { failureOf, safetensorsBytes, scratchFolder, writeSample } from './testing/scratch.js';

const scratch = scratchFolder();
const entry = (dtype: string, shape: unknown, data_offsets: unknown) => ({ dtype, shape, data_offsets });
const four = entry('F32', [1], [0, 4]);

test('reads the header of a file that the reference wrote', async () => {
  const file = `${goldenCheckpoint('vit-tiny-p14')}/model.safetensors`;
  const header = await readSafetensorsHeader(file);
  expect(header.metadata).toEqual({ format: 'pt' });
  expect(header.tensors.size).toBe(4 + 4 * 16 + 2 + 2);
  expect(header.tensors.get('encoder.layer.0.output.dense.weight')).toMatchObject({
    type: 'F32',
    shape: [64, 256],
    file,
    offset: header.dataOffset + 351232,
    byteLength: 65536,
  });
});

describe('accepts', () => {
  test.each<[string, string | object, number, string[]]>([
    ['no tensors', '{}', 0, []],
    ['padding, also a line break', `{"a":${JSON.stringify(four)}}  \n`, 4, ['a']],
    ['a scalar', { a: entry('F64', [], [0, 8]) }, 8, ['a']],
    [
      'zero-size tensors anywhere',
      { z: entry('F32', [0, 7], [4, 4]), a: four, y: entry('I8', [0], [0, 0]) },
      4,
      ['y', 'a', 'z'],
    ],
    ['packed types', { a: entry('F4', [3, 2], [0, 3]), b: entry('F6_E2M3', [4], [3, 6]) }, 6, ['a', 'b']],
    [
      'names that objects give a meaning to',
      '{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"constructor":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
      2,
      ['__proto__', 'constructor'],
    ],
    ['unknown fields of an entry', { a: { ...four, extra: [1.5, { b: null }] } }, 4, ['a']],
    ['metadata that is null', { __metadata__: null, a: four }, 4, ['a']],
  ])('%s', async (_, header, dataBytes, names) => {
    const { tensors } = await readSafetensorsHeader(await writeSample(scratch.path('ok'), header, dataBytes));
    expect([...tensors.keys()]).toEqual(names);
  });

  test('metadata names that objects give a meaning to', async () => {
    const header = '{"__metadata__":{"__proto__":"x","toString":"y"}}';
    const { metadata } = await readSafetensorsHeader(await writeSample(scratch.path('ok'), header, 0));
    expect(Object.entries(metadata)).toEqual([
      ['__proto__', 'x'],
      ['toString', 'y'],
    ]);
  });
});

describe('refuses', () => {
  test.each<[string, string, string | object, number, RegExp]>([
    [
      'a hole before the first tensor',
      'OFFSETS_INVALID',
      { a: entry('F32', [1], [4, 8]) },
      8,
      /"a" begins at 4 .* the header ends at 0: there must be no hole/,
    ],
    [
      'a hole between tensors',
      'OFFSETS_INVALID',
      { a: four, b: entry('F32', [1], [8, 12]) },
      12,
      /"b" begins at 8 .* "a" ends at 4: there must be no hole/,
    ],
    [
      'overlapping tensors',
      'OFFSETS_INVALID',
      { a: four, b: entry('F32', [1], [2, 6]) },
      6,
      /"b" begins at 2 .* "a" ends at 4: tensors must not overlap/,
    ],
    ['two tensors of the same bytes', 'OFFSETS_INVALID', { a: four, b: four }, 4, /must not overlap/],
    [
      'offsets beyond the file',
      'TRUNCATED',
      { a: entry('F32', [2], [0, 8]) },
      7,
      /"a" ends at byte \d+, but the file has \d+ bytes/,
    ],
    ['bytes after the last tensor', 'TRAILING_BYTES', { a: four }, 6, /2 bytes follow/],
    ['bytes without a tensor', 'TRAILING_BYTES', '{}', 1, /1 bytes follow/],
    ['swapped offsets', 'OFFSETS_INVALID', { a: entry('F32', [1], [4, 0]) }, 4, /\[4, 0\]/],
    [
      'negative offsets',
      'OFFSETS_INVALID',
      { a: entry('F32', [1], [-4, 0]) },
      4,
      /"a" has the data_offsets \[-4, 0\]/,
    ],
    ['three offsets', 'OFFSETS_INVALID', { a: entry('F32', [1], [0, 4, 8]) }, 4, /\[0, 4, 8\]/],
    ['no offsets', 'OFFSETS_INVALID', { a: { dtype: 'F32', shape: [1] } }, 4, /\(none\)/],
    [
      'a float offset',
      'OFFSETS_INVALID',
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4.0]}}',
      4,
      /4\.0/,
    ],
    [
      'an offset above 2^53',
      'OFFSETS_INVALID',
      '{"a":{"dtype":"U8","shape":[0],"data_offsets":[9007199254740993,9007199254740993]}}',
      0,
      /9007199254740993/,
    ],
    ['a negative dimension', 'HEADER_INVALID', { a: entry('F32', [-1], [0, 4]) }, 4, /shape \[-1\]/],
    [
      'a dimension with an exponent',
      'HEADER_INVALID',
      '{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}',
      4,
      /1e0/,
    ],
    ['a shape that is no list', 'HEADER_INVALID', { a: entry('F32', 1, [0, 4]) }, 4, /shape 1;/],
    [
      'a shape of other bytes',
      'SHAPE_MISMATCH',
      { a: entry('F32', [2], [0, 4]) },
      4,
      /"a" of dtype F32 and shape \[2\] takes 8 bytes.*\[0, 4\] span 4/,
    ],
    [
      'a shape that overflows',
      'SHAPE_MISMATCH',
      { a: entry('F32', [2 ** 40, 2 ** 40, 0], [0, 0]) },
      0,
      /no countable number/,
    ],
    [
      'packed bits that fill no byte',
      'SHAPE_MISMATCH',
      { a: entry('F4', [3], [0, 2]) },
      2,
      /no countable number/,
    ],
    [
      'an unknown dtype',
      'TYPE_UNKNOWN',
      { a: entry('F33', [1], [0, 4]) },
      4,
      /"a" has the unknown dtype "F33"/,
    ],
    ['a dtype named like a method', 'TYPE_UNKNOWN', { a: entry('toString', [1], [0, 4]) }, 4, /toString/],
    [
      'a dtype that is no string',
      'TYPE_UNKNOWN',
      { a: entry('F32', [1], [0, 4]), b: { dtype: { x: 1 } } },
      4,
      /\{\.\.\.\}/,
    ],
    ['an entry that is no object', 'HEADER_INVALID', { a: [] }, 0, /entry of tensor "a" is not an object/],
    [
      'a tensor name that occurs twice',
      'DUPLICATE_NAME',
      `{"a":${JSON.stringify(four)},"\\u0061":${JSON.stringify(four)}}`,
      4,
      /"a" occurs twice/,
    ],
    [
      'two __metadata__',
      'DUPLICATE_NAME',
      '{"__metadata__":{},"__metadata__":{}}',
      0,
      /"__metadata__" occurs twice/,
    ],
    [
      'a metadata name that occurs twice',
      'DUPLICATE_NAME',
      '{"__metadata__":{"k":"1","k":"2"}}',
      0,
      /"k" occurs twice/,
    ],
    [
      'a metadata value that is no string',
      'HEADER_INVALID',
      { __metadata__: { k: 1 } },
      0,
      /"k" is not a string/,
    ],
    [
      'metadata that is no object',
      'HEADER_INVALID',
      { __metadata__: 'k' },
      0,
      /__metadata__ is not an object/,
    ],
    ['a header with a leading space', 'HEADER_INVALID', ' {}', 0, /does not begin with "\{"/],
    ['a header that is a list', 'HEADER_INVALID', '[]', 0, /does not begin with "\{"/],
    ['an empty header', 'HEADER_INVALID', '', 0, /does not begin with "\{"/],
    ['a header that ends early', 'HEADER_INVALID', '{"a":', 0, /not JSON/],
    ['a header padded with NUL', 'HEADER_INVALID', '{}\u0000', 0, /not JSON/],
  ])('%s', async (_, code, header, dataBytes, message) => {
    const file = await writeSample(scratch.path('bad'), header, dataBytes);
    const failure = await failureOf(readSafetensorsHeader(file));
    expect(failure.code).toBe(`SAFETENSORS_${code}`);
    expect(failure.message).toMatch(message);
    expect(failure.message).toContain(file);
  });

  test.each<[string, string, Uint8Array, RegExp]>([
    ['zero bytes', 'TRUNCATED', Buffer.alloc(0), /has 0 bytes/],
    ['seven bytes', 'TRUNCATED', Buffer.alloc(7), /has 7 bytes/],
    [
      'the pointer of a checkout without git-lfs',
      'LFS_POINTER',
      Buffer.from(
        `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 2529617920\n`,
      ),
      /git lfs pull/,
    ],
    [
      'a header longer than the file',
      'TRUNCATED',
      safetensorsBytes('{}', 0, 3n),
      /should have 3 bytes, the file has 10/,
    ],
    [
      'the largest header length',
      'TRUNCATED',
      safetensorsBytes('{}', 0, 2n ** 64n - 1n),
      /18446744073709551615/,
    ],
    [
      'a header that is not UTF-8',
      'HEADER_INVALID',
      safetensorsBytes(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 0),
      /not UTF-8/,
    ],
  ])('%s', async (_, code, bytes, message) => {
    await writeFile(scratch.path('bad'), bytes);
    const failure = await failureOf(readSafetensorsHeader(scratch.path('bad')));
    expect(failure.code).toBe(`SAFETENSORS_${code}`);
    expect(failure.message).toMatch(message);
  });

  test('a header above the limit, before reading it', async () => {
    const file = await writeSample(scratch.path('large'), `{}${' '.repeat(17 * 1024 * 1024)}`, 0);
    const failure = await failureOf(readSafetensorsHeader(file));
    expect(failure.code).toBe('SAFETENSORS_HEADER_TOO_LARGE');
    expect(failure.details['limit']).toBe(16 * 1024 * 1024);
    expect((await readSafetensorsHeader(file, { maxHeaderBytes: 2 ** 40 })).tensors.size).toBe(0);
    expect((await failureOf(readSafetensorsHeader(file, { maxHeaderBytes: 100 }))).details['limit']).toBe(
      100,
    );
  });

  test('a name too long for a message, which is cut', async () => {
    const file = await writeSample(scratch.path('name'), { ['n'.repeat(1_000_000)]: [] }, 0);
    const failure = await failureOf(readSafetensorsHeader(file));
    expect(failure.message).toContain(`"${'n'.repeat(200)}..."`);
    expect(failure.message.length).toBeLessThan(500);
  });

  test('a file that is missing, and a folder', async () => {
    const missing = await failureOf(readSafetensorsHeader(scratch.path('nowhere')));
    expect(missing.code).toBe('SAFETENSORS_FILE_MISSING');
    await mkdir(scratch.path('folder'));
    const folder = await failureOf(readSafetensorsHeader(scratch.path('folder')));
    expect(folder.code).toBe('SAFETENSORS_FILE_UNREADABLE');
  });
});
