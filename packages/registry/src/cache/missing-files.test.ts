import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { missingFiles } from './missing-files.js';
import { commit, hubFile, sampleCache } from './testing/sample-cache.js';

const index = 'model.safetensors.index.json';
const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];

describe('a snapshot', () => {
  const sample = sampleCache();

  it.each(['vit-tiny-p14', 'vit-tiny-sharded'])('is complete like %s', async (name) => {
    expect(await missingFiles(goldenCheckpoint(name))).toEqual([]);
  });

  it('lacks everything when it is not there', async () => {
    expect(await missingFiles(sample.snapshot())).toEqual([
      'config.json',
      'preprocessor_config.json',
      'model.safetensors',
    ]);
  });

  it('lacks what was not fetched yet, or not asked for', async () => {
    await sample.add({ 'config.json': '{}', 'model.safetensors': 'w' });
    expect(await missingFiles(sample.snapshot())).toEqual(['preprocessor_config.json']);
  });

  it('lacks a file whose link leads to nothing', async () => {
    const files = { 'config.json': '{}', 'preprocessor_config.json': '{ }', 'model.safetensors': 'w' };
    await sample.add(files);
    await rm(sample.blob(hubFile('model.safetensors', 'w')));
    expect(await missingFiles(sample.snapshot())).toEqual(['model.safetensors']);
  });

  it('lacks the shards that its index names and that are not there', async () => {
    const folder = join(sample.parent(), 'sharded');
    await cp(goldenCheckpoint('vit-tiny-sharded'), folder, { recursive: true });
    await rm(join(folder, `${second}`));
    expect(await missingFiles(folder)).toEqual([second]);
    await rm(join(folder, `${first}`));
    await mkdir(join(folder, `${first}`));
    expect(await missingFiles(folder)).toEqual([first, second]);
  });

  it('needs no shards of an index beside the whole weights', async () => {
    const weight_map = { a: first };
    await sample.add({
      'config.json': '{}',
      'preprocessor_config.json': '{ }',
      'model.safetensors': 'w',
      [index]: JSON.stringify({ weight_map }),
    });
    expect(await missingFiles(sample.snapshot())).toEqual([]);
  });

  it('lacks what its index names outside of it, wherever that leads', async () => {
    await mkdir(sample.snapshot(), { recursive: true });
    await writeFile(join(sample.path(), 'secret'), '');
    const map = JSON.stringify({ weight_map: { a: '../../../secret', b: '/etc/hostname' } });
    await writeFile(join(sample.snapshot(), index), map);
    expect(await missingFiles(sample.snapshot())).toEqual(
      expect.arrayContaining(['../../../secret', '/etc/hostname']),
    );
  });

  it.each(['not JSON', '[]', '{"weight_map":{"a":1}}'])(
    'with an index that says %s is left to the reader of weights',
    async (content) => {
      await sample.add({ 'config.json': '{}', 'preprocessor_config.json': '{ }', [index]: content });
      expect(await missingFiles(sample.snapshot(commit))).toEqual([]);
    },
  );

  it('with an index that links to nothing lacks the weights', async () => {
    await sample.add({ 'config.json': '{}', 'preprocessor_config.json': '{ }' });
    await symlink('../../blobs/nothing', join(sample.snapshot(), index));
    expect(await missingFiles(sample.snapshot())).toEqual(['model.safetensors']);
  });
});
