import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../testing/refusal.js';
import {
  catalogueId,
  checkpointFiles,
  hubOf,
  id,
  openCase,
  type PullCase,
  pinned,
} from './testing/pull-case.js';

const golden = (path: string, name = 'vit-tiny-p14') => readFile(join(goldenCheckpoint(name), path));
const wanted = ['config.json', 'model.safetensors', 'preprocessor_config.json'];

/** What else repositories hold. */
const others = {
  'README.md': '# A model',
  'tokenizer.json': '{}',
  'pytorch_model.bin': 'a pickle',
  'optimizer.pt': 'a pickle',
  'model.fp16.safetensors': 'other weights',
  'onnx/model.safetensors': 'other weights',
};

/** The snapshot's files are relative links to blobs that are named by the digests the hub tells. */
async function expectLinks(pulled: PullCase, folder: string, paths: readonly string[], of = id) {
  expect((await readdir(folder)).sort()).toEqual(paths);
  for (const path of paths) {
    const { etag } = await pulled.hub.describe(of, path);
    expect(await readlink(join(folder, path))).toBe(join('..', '..', 'blobs', etag));
    expect((await lstat(join(pulled.repository(of), 'blobs', etag))).isFile()).toBe(true);
  }
}

describe('a model of the catalogue', () => {
  it('comes at its pinned commit with the files of a run and nothing else', async () => {
    const files = { ...checkpointFiles(), ...others };
    const pulled = await openCase({
      repositories: [
        {
          id: catalogueId,
          commits: [{ commit: pinned, files }, { files: { ...files, 'config.json': '{"a newer one":1}' } }],
        },
      ],
    });
    const model = await pulled.pull('webssl-mae700m-full2b-224');
    const folder = join(pulled.repository(catalogueId), 'snapshots', pinned);
    const bytes = await golden('model.safetensors');
    expect(model).toEqual({ id: catalogueId, revision: pinned, folder, bytes: bytes.length });
    expect(pulled.requestedFiles()).toEqual(wanted);
    expect((await readdir(folder)).sort()).toEqual(wanted);
    for (const path of wanted)
      expect((await readFile(join(folder, path))).equals(await golden(path))).toBe(true);
    // As the Python client: a commit has no reference, and nothing of a download stays.
    expect((await readdir(pulled.repository(catalogueId))).sort()).toEqual(['blobs', 'snapshots']);
    expect(await readdir(join(pulled.repository(catalogueId), 'blobs'))).toHaveLength(3);
  });
});

describe('any other model', () => {
  it('comes from main, which is noted, in the layout of the Python client', async () => {
    const pulled = await openCase(hubOf({ ...checkpointFiles(), ...others }));
    const { folder, revision } = await pulled.pull();
    const { commit } = await pulled.hub.describe(id, 'config.json');
    expect(revision).toBe(commit);
    expect(folder).toBe(join(pulled.repository(), 'snapshots', commit));
    await expectLinks(pulled, folder, wanted);
    expect(await readFile(join(pulled.repository(), 'refs', 'main'), 'utf8')).toBe(commit);
    expect(pulled.requestedFiles()).toEqual(wanted);
  });

  it('comes from a branch or tag whose name has a slash', async () => {
    const pulled = await openCase({
      repositories: [
        { id, commits: [{ references: ['release/1'], files: checkpointFiles() }, { files: {} }] },
      ],
    });
    const { revision } = await pulled.pull(id, { revision: 'release/1' });
    const { commit } = await pulled.hub.describe(id, 'config.json', 'release/1');
    expect(revision).toBe(commit);
    expect(await readFile(join(pulled.repository(), 'refs', 'release', '1'), 'utf8')).toBe(commit);
  });

  it('comes under its new name where the hub has renamed it', async () => {
    const pulled = await openCase(hubOf(checkpointFiles(), { renamed: { 'old/name': id } }));
    expect((await pulled.pull('old/name')).id).toBe('old/name');
    expect(await pulled.visible('old/name')).toHaveLength(3);
  });

  it('in shards comes with those of its index only', async () => {
    const files = {
      ...checkpointFiles('vit-tiny-sharded'),
      ...others,
      'model-00003-of-00003.safetensors': 'x',
    };
    const pulled = await openCase(hubOf(files));
    const { folder } = await pulled.pull();
    const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
    const expected = ['config.json', ...shards, 'model.safetensors.index.json', 'preprocessor_config.json'];
    expect(pulled.requestedFiles()).toEqual(expected);
    await expectLinks(pulled, folder, expected);
    for (const path of expected)
      expect((await readFile(join(folder, path))).equals(await golden(path, 'vit-tiny-sharded'))).toBe(true);
  });

  it('in shards may name them as it likes, also in folders', async () => {
    const index = { weight_map: { a: 'weights/one.safetensors', b: 'two.safetensors' } };
    const pulled = await openCase(
      hubOf({
        'config.json': '{}',
        'preprocessor_config.json': '{}',
        'model.safetensors.index.json': JSON.stringify(index),
        'weights/one.safetensors': { bytes: 300_000 },
        'two.safetensors': { bytes: 200_000, seed: 2 },
      }),
    );
    const { folder } = await pulled.pull();
    expect((await readFile(join(folder, 'weights', 'one.safetensors'))).length).toBe(300_000);
    const { etag } = await pulled.hub.describe(id, 'weights/one.safetensors');
    expect(await readlink(join(folder, 'weights', 'one.safetensors'))).toBe(
      join('..', '..', '..', 'blobs', etag),
    );
  });

  it('with one weight file and shards comes with the one file', async () => {
    const files = { ...checkpointFiles('vit-tiny-sharded'), ...checkpointFiles() };
    const pulled = await openCase(hubOf(files));
    await pulled.pull();
    expect(pulled.requestedFiles()).toEqual(wanted);
  });

  it('with two files of the same content has it fetched once', async () => {
    const index = { weight_map: { a: 'one.safetensors', b: 'two.safetensors' } };
    const pulled = await openCase(
      hubOf({
        'config.json': '{}',
        'preprocessor_config.json': '{}',
        'model.safetensors.index.json': JSON.stringify(index),
        'one.safetensors': { bytes: 300_000 },
        'two.safetensors': { bytes: 300_000 },
      }),
    );
    const { folder } = await pulled.pull();
    expect(pulled.hub.bytesSent({ host: 'cdn' })).toBe(300_000);
    for (const path of ['one.safetensors', 'two.safetensors'])
      expect((await readFile(join(folder, path))).length).toBe(300_000);
  });
});

describe('a repository that cannot be run', () => {
  const { 'model.safetensors': weights, ...configurations } = checkpointFiles();
  const { 'preprocessor_config.json': _, ...withoutProcessor } = checkpointFiles();
  const { 'config.json': __, ...withoutConfig } = checkpointFiles();

  it.each([
    [
      'has only pickles',
      { ...configurations, 'pytorch_model.bin': 'x' },
      /model\.safetensors.*pickles only \(pytorch_model\.bin\)/,
    ],
    ['has no weights at all', configurations, /no model\.safetensors or model\.safetensors\.index\.json/],
    ['has no preprocessor_config.json', withoutProcessor, /no preprocessor_config\.json/],
    ['has no config.json', withoutConfig, /no config\.json/],
  ])('since it %s is refused before any of its files is asked for', async (_name, files, message) => {
    const pulled = await openCase(hubOf(files));
    const error = await refusalOf(pulled.pull());
    expect(error.code).toBe('HUB_FILE_NOT_FOUND');
    expect(error.message).toMatch(message);
    expect(pulled.requestedFiles()).toEqual([]);
    expect(pulled.told('plan')).toEqual([]);
    await expect(readdir(pulled.cache)).rejects.toThrow('ENOENT');
  });

  const indexed = (index: string) => ({
    ...configurations,
    'model.safetensors.index.json': index,
    'model-00001-of-00002.safetensors': weights ?? '',
  });
  const naming = (...paths: string[]) =>
    JSON.stringify({ weight_map: Object.fromEntries(paths.map((path, place) => [`tensor.${place}`, path])) });

  it.each([
    [
      'a shard that is not there',
      naming('model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'),
      'HUB_FILE_NOT_FOUND',
      /"model-00002-of-00002\.safetensors", which the repository lacks/,
    ],
    [
      'a path that leaves its folder',
      naming('../evil.safetensors'),
      'HUB_FILE_NOT_FOUND',
      /"\.\.\/evil\.safetensors"/,
    ],
    ['an absolute path', naming('/etc/x.safetensors'), 'HUB_FILE_NOT_FOUND', /"\/etc\/x\.safetensors"/],
    [
      'a pickle',
      naming('pytorch_model.bin'),
      'CONFIG_INVALID',
      /"pytorch_model\.bin", which is not safetensors/,
    ],
    ['nothing', '{"metadata":{}}', 'CONFIG_INVALID', /no weight_map/],
    ['a list', '[]', 'CONFIG_INVALID', /no weight_map/],
    ['what is no JSON', '{"weight_map"', 'CONFIG_INVALID', /index\.json/],
  ])(
    'since its index names %s is refused before any weight, and nothing of it is visible',
    async (_name, index, code, message) => {
      const pulled = await openCase(
        hubOf({ ...indexed(index), '../evil.safetensors': 'evil', 'pytorch_model.bin': 'a pickle' }),
      );
      const error = await refusalOf(pulled.pull());
      expect(error.code).toBe(code);
      expect(error.message).toMatch(message);
      expect(pulled.hub.bytesSent({ host: 'cdn' })).toBe(0);
      expect(await pulled.visible()).toEqual([]);
      expect(pulled.requestedFiles()).not.toContain('pytorch_model.bin');
    },
  );

  it('is told with the code of the trouble: repository, revision, name', async () => {
    const pulled = await openCase(hubOf(checkpointFiles()));
    expect((await refusalOf(pulled.pull('some-org/unknown'))).code).toBe('HUB_REPOSITORY_NOT_FOUND');
    expect((await refusalOf(pulled.pull(id, { revision: 'none' }))).code).toBe('HUB_REVISION_NOT_FOUND');
    expect((await refusalOf(pulled.pull(id, { revision: '../main' }))).code).toBe('MODEL_REVISION_INVALID');
    expect((await refusalOf(pulled.pull('no id'))).code).toBe('MODEL_UNKNOWN');
    const misspelt = await refusalOf(pulled.pull('facebook/webssl-mae700m-ful2b-224'));
    expect(misspelt.code).toBe('HUB_REPOSITORY_NOT_FOUND');
    expect(misspelt.message).toContain(`Did you mean ${catalogueId}`);
  });
});
