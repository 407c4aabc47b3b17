import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commit, hubFile, otherCommit, sampleCache } from './testing/sample-cache.js';
import { verifySnapshot } from './verify-snapshot.js';

const files = { 'config.json': '{}', 'preprocessor_config.json': '{ }', 'model.safetensors': 'weights' };
const config = hubFile('config.json', files['config.json']);
const weights = hubFile('model.safetensors', files['model.safetensors']);

describe('the files of a snapshot', () => {
  const sample = sampleCache();
  const verify = (options = {}) => verifySnapshot({ folder: sample.snapshot(), commit }, options);
  const states = async (options = {}) =>
    Object.fromEntries((await verify(options)).map(({ path, state }) => [path, state]));

  /** A snapshot without links, as on a system that has none. */
  async function addPlain(): Promise<void> {
    await mkdir(sample.snapshot(), { recursive: true });
    for (const [path, content] of Object.entries(files)) {
      await writeFile(join(sample.snapshot(), path), content);
    }
  }

  it('are good when their blobs hash to their names', async () => {
    await sample.add({ ...files, 'deep/note.md': 'x' });
    const results = await verify();
    expect(results.map(({ path }) => path)).toEqual([
      'config.json',
      'deep/note.md',
      'model.safetensors',
      'preprocessor_config.json',
    ]);
    expect(results.every(({ state }) => state === 'good')).toBe(true);
    expect(results[2]).toEqual({
      path: 'model.safetensors',
      bytes: 7,
      state: 'good',
      expected: weights.hash.digest,
      actual: weights.hash.digest,
    });
  });

  it.each([
    ['config.json', config],
    ['model.safetensors', weights],
  ] as const)('are damaged when they have other bytes: %s', async (path, file) => {
    await sample.add(files);
    const other = hubFile(path, files[path].replace(/.$/, '!'));
    await writeFile(sample.blob(file), files[path].replace(/.$/, '!'));
    expect((await verify()).find((result) => result.path === path)).toEqual({
      path,
      bytes: file.bytes,
      state: 'damaged',
      expected: file.hash.digest,
      actual: other.hash.digest,
    });
  });

  it('are missing when their links lead to nothing, or when a run needs them', async () => {
    await sample.add({ 'config.json': '{}', 'model.safetensors': 'weights' });
    await rm(sample.blob(weights));
    expect(await states()).toEqual({
      'config.json': 'good',
      'model.safetensors': 'missing',
      'preprocessor_config.json': 'missing',
    });
    expect((await verify()).find(({ path }) => path === 'model.safetensors')?.expected).toBe(
      weights.hash.digest,
    );
  });

  it('are unknown without a blob and without a list, never good', async () => {
    await addPlain();
    expect(await states()).toEqual({
      'config.json': 'unknown',
      'model.safetensors': 'unknown',
      'preprocessor_config.json': 'unknown',
    });
  });

  it("are checked by the Python client's list where they have no blob", async () => {
    await addPlain();
    const tree = {
      format_version: 1,
      files: {
        'config.json': { size: 2, blob_id: config.hash.digest },
        'model.safetensors': { size: 7, blob_id: otherCommit, lfs_sha256: weights.hash.digest, lfs_size: 7 },
        'README.md': { size: 7, blob_id: otherCommit },
      },
    };
    await mkdir(join(sample.repository(), 'trees'));
    await writeFile(join(sample.repository(), 'trees', `${commit}.json`), JSON.stringify(tree));
    await writeFile(join(sample.snapshot(), 'config.json'), '[]');
    expect(await states()).toEqual({
      'config.json': 'damaged',
      'model.safetensors': 'good',
      'preprocessor_config.json': 'unknown',
    });
  });

  it.each([
    'not JSON',
    '{"format_version":2,"files":{}}',
    '{"format_version":1,"files":{"a":{"blob_id":"x"}}}',
  ])('are unknown beside a list that says %s', async (list) => {
    await addPlain();
    await mkdir(join(sample.repository(), 'trees'));
    await writeFile(join(sample.repository(), 'trees', `${commit}.json`), list);
    expect((await states())['config.json']).toBe('unknown');
  });

  it('are followed into the store that the Python client shares between repositories', async () => {
    await sample.add(files);
    const name = `ab${'0'.repeat(62)}`;
    const store = join(sample.path(), 'blobs', 'ab', name);
    await mkdir(dirname(store), { recursive: true });
    await writeFile(store, 'weights');
    await rm(sample.blob(weights));
    await symlink(`../../blobs/ab/${name}`, sample.blob(weights));
    expect((await states())['model.safetensors']).toBe('good');
    await writeFile(store, 'weightz');
    expect((await states())['model.safetensors']).toBe('damaged');
  });

  it('are read in pieces, whose sum is told', async () => {
    const content = 'x'.repeat(3_000_000);
    await sample.add({ ...files, 'model.safetensors': content });
    const seen: { path: string; readBytes: number; totalBytes: number }[] = [];
    const onProgress = (progress: (typeof seen)[number]) => seen.push(progress);
    expect((await verify({ onProgress })).every(({ state }) => state === 'good')).toBe(true);
    const totalBytes = content.length + 5;
    expect(seen.at(-1)).toEqual({ path: 'preprocessor_config.json', readBytes: totalBytes, totalBytes });
    expect(seen.filter(({ path }) => path === 'model.safetensors').length).toBeGreaterThan(2);
  });

  it('are not read on when the signal aborts', async () => {
    await sample.add({ ...files, 'model.safetensors': 'x'.repeat(3_000_000) });
    const controller = new AbortController();
    const reason = new Error('enough');
    const onProgress = () => controller.abort(reason);
    await expect(verify({ signal: controller.signal, onProgress })).rejects.toBe(reason);
    await expect(verify({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('leave out what a killed process left of a link', async () => {
    await sample.add(files);
    await symlink('../../blobs/x', join(sample.snapshot(), '.config.json.0a1b2c3d.webssl-link'));
    expect(Object.keys(await states())).toEqual(Object.keys(files).sort());
  });
});
