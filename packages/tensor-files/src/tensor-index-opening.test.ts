import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, test } from 'vitest';
import { openTensorIndex } from './tensor-index-opening.js';
import { failureOf, scratchFolder, writeSample } from './testing/scratch.js';

const scratch = scratchFolder();
const sharded = goldenCheckpoint('vit-tiny-sharded');
const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
const four = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };

/** A folder with two shards of a tensor each, and this index. */
async function checkpoint(name: string, index: object): Promise<string> {
  await mkdir(scratch.path(name));
  await writeSample(scratch.path(`${name}/${first}`), { a: four }, 4);
  await writeSample(scratch.path(`${name}/${second}`), { b: four }, 4);
  await writeFile(scratch.path(`${name}/model.safetensors.index.json`), JSON.stringify(index));
  return scratch.path(name);
}

test('opens a single file, by its folder or its own path', async () => {
  const folder = goldenCheckpoint('dinov2-tiny-p14');
  const index = await openTensorIndex(folder);
  expect(index).toEqual(await openTensorIndex(`${folder}/model.safetensors`));
  expect(index.files.map(({ file }) => file)).toEqual([`${folder}/model.safetensors`]);
  expect(index.tensors.get('embeddings.mask_token')?.shape).toEqual([1, 64]);
});

test('opens shards through their index: each tensor in its file, files in order', async () => {
  const index = await openTensorIndex(sharded);
  const { weight_map } = JSON.parse(await readFile(`${sharded}/model.safetensors.index.json`, 'utf8'));
  expect(Object.fromEntries([...index.tensors.values()].map((entry) => [entry.name, entry.file]))).toEqual(
    Object.fromEntries(Object.entries(weight_map).map(([name, shard]) => [name, `${sharded}/${shard}`])),
  );
  expect(index.files.map(({ file }) => file)).toEqual([`${sharded}/${first}`, `${sharded}/${second}`]);
  expect(index.metadata).toEqual({ format: 'pt' });
});

test('takes model.safetensors before an index, as the reference does', async () => {
  const folder = await checkpoint('both', { weight_map: { a: 'model-00009-of-00009.safetensors' } });
  await writeSample(`${folder}/model.safetensors`, { c: four }, 4);
  expect([...(await openTensorIndex(folder)).tensors.keys()]).toEqual(['c']);
});

test('accepts a total_size written as a float, or none', async () => {
  const weight_map = { a: first, b: second };
  const folder = await checkpoint('float', { weight_map });
  expect((await openTensorIndex(folder)).tensors.size).toBe(2);
  await writeFile(
    `${folder}/model.safetensors.index.json`,
    `{"metadata":{"total_size":8.0},"weight_map":${JSON.stringify(weight_map)}}`,
  );
  expect((await openTensorIndex(folder)).tensors.size).toBe(2);
});

describe('refuses an index', () => {
  test.each<[string, object, RegExp]>([
    ['that names a path', { weight_map: { a: '../x' } }, /maps tensor "a" to "\.\.\/x"/],
    ['that names a path to a shard', { weight_map: { a: `../x/${first}` } }, /without a path/],
    ['that names another file', { weight_map: { a: 'secret.safetensors' } }, /must be named like/],
    ['with a shard that is no string', { weight_map: { a: null } }, /"a" to no name/],
    ['without a weight_map', { metadata: {} }, /no weight_map/],
    ['with an empty weight_map', { weight_map: {} }, /no weight_map/],
    [
      'that maps a tensor that the shard does not hold',
      { weight_map: { a: first, b: second, c: second } },
      /"c" to .*, which does not hold it/,
    ],
    [
      'that maps a tensor to the wrong shard',
      { weight_map: { a: first, b: first, c: second } },
      /holds tensor "b", which the index maps to/,
    ],
    [
      'that leaves out a tensor of a shard',
      { weight_map: { a: first, c: second } },
      /holds tensor "b", which the index does not map/,
    ],
    [
      'with another total_size',
      { metadata: { total_size: 12 }, weight_map: { a: first, b: second } },
      /total_size is 12 bytes, .* have 8/,
    ],
    [
      'with a total_size that is no size',
      { metadata: { total_size: '8' }, weight_map: { a: first, b: second } },
      /not a number of bytes/,
    ],
    ['that is no object', [], /not a JSON object/],
  ])('%s', async (name, index, message) => {
    const failure = await failureOf(openTensorIndex(await checkpoint(name, index)));
    expect(failure.code).toBe('SAFETENSORS_INDEX_INVALID');
    expect(failure.message).toMatch(message);
    expect(failure.message).toContain('model.safetensors.index.json');
  });

  test('with a tensor in two shards', async () => {
    const folder = await checkpoint('twice', { weight_map: { a: first, b: second } });
    await writeSample(`${folder}/${second}`, { a: four, b: { ...four, data_offsets: [4, 8] } }, 8);
    expect((await failureOf(openTensorIndex(folder))).message).toMatch(
      /model-00002.* holds tensor "a", which the index maps to model-00001/,
    );
  });

  test('with a name twice, with broken JSON, with bytes that are not UTF-8', async () => {
    const folder = await checkpoint('text', {});
    const index = `${folder}/model.safetensors.index.json`;
    await writeFile(index, `{"weight_map":{"a":"${first}","a":"${second}"}}`);
    expect((await failureOf(openTensorIndex(index))).message).toContain('"a" occurs twice');
    await writeFile(index, '{"weight_map":');
    expect((await failureOf(openTensorIndex(index))).code).toBe('SAFETENSORS_INDEX_INVALID');
    await writeFile(index, new Uint8Array([0x7b, 0xff, 0x7d]));
    expect((await failureOf(openTensorIndex(index))).message).toContain('not UTF-8');
  });

  test('above the size limit', async () => {
    const failure = await failureOf(openTensorIndex(sharded, { maxHeaderBytes: 1000 }));
    expect(failure.code).toBe('SAFETENSORS_HEADER_TOO_LARGE');
  });
});

test('lists the shards that are missing', async () => {
  await cp(sharded, scratch.path('incomplete'), { recursive: true });
  await rm(scratch.path(`incomplete/${second}`));
  const failure = await failureOf(openTensorIndex(scratch.path('incomplete')));
  expect(failure.code).toBe('SAFETENSORS_SHARD_MISSING');
  expect(failure.message).toContain(`1 of the 2 shards`);
  expect(failure.details['missing']).toEqual([second]);
});

test('says what a folder without weights lacks, and that a path does not exist', async () => {
  await mkdir(scratch.path('empty'));
  const empty = await failureOf(openTensorIndex(scratch.path('empty')));
  expect(empty.code).toBe('SAFETENSORS_CHECKPOINT_MISSING');
  expect(empty.message).toContain('model.safetensors.index.json');
  expect((await failureOf(openTensorIndex(scratch.path('nowhere')))).code).toBe('SAFETENSORS_FILE_MISSING');
});
