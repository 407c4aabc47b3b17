import { copyFile, link, mkdir, readdir, symlink } from 'node:fs/promises';
import { basename, join, win32 } from 'node:path';
import { openCheckpoint } from '@webssl/registry';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { createModelSource } from './create-model-source.js';
import { inspectGraph } from './inspect-graph.js';
import { randomTensor } from './testing/random-tensor.js';
import { runSingle } from './testing/run-graph.js';
import { scratchFolder } from './testing/scratch-folder.js';
import { commonFolder } from './weight-files.js';

const sharded = goldenCheckpoint('vit-tiny-sharded');
const pixels = randomTensor([1, 3, 224, 224]);
const part = { size: { height: 224, width: 224 }, batch: 1, outputs: ['last_hidden_state'] } as const;

async function features(folder: string) {
  const model = await createModelSource(await openCheckpoint(folder)).onnx(part);
  return { model, features: await runSingle(model, pixels) };
}

describe('where the weights are', () => {
  const scratch = scratchFolder();

  it('names every shard by its place in the folder', async () => {
    const { model } = await features(sharded);
    const shards = (await readdir(sharded)).filter((name) => name.endsWith('.safetensors')).sort();
    expect(shards).toHaveLength(2);
    expect(model.files).toEqual(shards);
    expect([...new Set(inspectGraph(model.bytes).weights.map(({ location }) => location))]).toEqual(shards);
  });

  it('tells how many bytes a part uses', async () => {
    const source = createModelSource(await openCheckpoint(sharded));
    for (const layers of [undefined, [0, 1], [1, 2]] as const) {
      const model = await source.onnx({
        ...part,
        ...(layers && { layers, outputs: [`hidden_states.${layers[1]}`] }),
      });
      const used = inspectGraph(model.bytes).weights.reduce((sum, { byteLength }) => sum + byteLength, 0);
      expect(model.weightBytes).toBe(used);
    }
  });

  it('lists only the shards that a part uses', async () => {
    const checkpoint = await openCheckpoint(sharded);
    const { files } = await createModelSource(checkpoint).onnx({
      ...part,
      layers: [0, 1],
      outputs: ['hidden_states.0'],
    });
    const embeddings = [...checkpoint.tensors].filter(([name]) => name.startsWith('embeddings.'));
    expect(files).toEqual([...new Set(embeddings.map(([, { file }]) => basename(file)))]);
    expect(files).toHaveLength(1);
  });

  it('follows the links of a hub cache to the blobs', async () => {
    const repository = await scratch.create('models--organisation--model');
    const blobs = join(repository, 'blobs');
    const snapshot = join(repository, 'snapshots', 'commit');
    await mkdir(blobs);
    await mkdir(snapshot, { recursive: true });
    for (const [index, name] of (await readdir(sharded)).entries()) {
      const blob = `${index}`.repeat(64);
      await copyFile(join(sharded, name), join(blobs, blob));
      await symlink(join('..', '..', 'blobs', blob), join(snapshot, name));
    }

    const { model, features: found } = await features(snapshot);

    expect(model.folder).toBe(blobs);
    expect(model.files.every((file) => /^\d{64}$/.test(file))).toBe(true);
    expect(found).toEqual((await features(sharded)).features);
  });

  it('takes the folder above shards that lie apart, and never names a parent', async () => {
    const store = await scratch.create('store');
    const snapshot = join(store, 'snapshot');
    await mkdir(snapshot);
    for (const [index, name] of (await readdir(sharded)).entries()) {
      const folder = join(store, 'blobs', `${index % 3}`);
      await mkdir(folder, { recursive: true });
      await copyFile(join(sharded, name), join(folder, name));
      await symlink(join(folder, name), join(snapshot, name));
    }

    const { model, features: found } = await features(snapshot);

    expect(model.folder).toBe(join(store, 'blobs'));
    expect(model.files).toHaveLength(2);
    for (const file of model.files) expect(file).toMatch(/^\d\/model-0000\d-of-00002\.safetensors$/);
    expect(found).toEqual((await features(sharded)).features);
  });

  it('works with hard links', async () => {
    const folder = await scratch.create('linked');
    for (const name of await readdir(sharded)) {
      const original = join(folder, `original-${name}`);
      await copyFile(join(sharded, name), original);
      await link(original, join(folder, name));
    }
    expect((await features(folder)).features).toEqual((await features(sharded)).features);
  });
});

describe('the folder that files have in common', () => {
  it.each([
    [['/models/a.bin'], '/models'],
    [['/models/a.bin', '/models/b.bin'], '/models'],
    [['/models/one/a.bin', '/models/b.bin'], '/models'],
    [['/models/one/a.bin', '/models/onetwo/b.bin'], '/models'],
    [['/a.bin', '/models/b.bin'], '/'],
    [['/one/a.bin', '/two/b.bin'], '/'],
  ])('%j: %s', (files, folder) => {
    expect(commonFolder(files)).toBe(folder);
  });

  it('is a drive on Windows', () => {
    expect(commonFolder(['C:\\one\\a.bin', 'C:\\two\\b.bin'], win32)).toBe('C:\\');
  });

  it('does not exist across drives', () => {
    expect(() => commonFolder(['C:\\a.bin', 'D:\\a.bin'], win32)).toThrow(
      expect.objectContaining({
        code: 'GRAPH_WEIGHTS_UNREACHABLE',
        message: expect.stringContaining('no folder in common'),
      }),
    );
  });
});
