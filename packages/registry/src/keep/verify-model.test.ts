import { existsSync } from 'node:fs';
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { pullRepository } from '../pull/pull-repository.js';
import {
  catalogueId,
  checkpointFiles,
  hubOf,
  id,
  isSame,
  openCase,
  type PullCase,
  pinned,
} from '../pull/testing/pull-case.js';
import { refusalOf } from '../testing/refusal.js';
import { repairModel, verifyModel } from './verify-model.js';

const files = { ...checkpointFiles(), 'README.md': '# A model' };
const golden = (path: string) => readFile(join(goldenCheckpoint('vit-tiny-p14'), path));

const verify = (pulled: PullCase, revision?: string) =>
  verifyModel(id, { hubCacheFolder: pulled.cache, ...(revision === undefined ? {} : { revision }) });

const statesOf = async (pulled: PullCase) =>
  Object.fromEntries((await verify(pulled)).files.map(({ path, state }) => [path, state]));

async function flipByte(file: string, position: number): Promise<void> {
  const handle = await open(file, 'r+');
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, position);
  buffer[0] = (buffer[0] ?? 0) ^ 1;
  await handle.write(buffer, 0, 1, position);
  await handle.close();
}

const allGood = { 'config.json': 'good', 'model.safetensors': 'good', 'preprocessor_config.json': 'good' };

describe('verifyModel', () => {
  it('finds what was pulled good, by the digests that the hub told, and tells how far it is', async () => {
    const pulled = await openCase({
      repositories: [{ id: catalogueId, commits: [{ commit: pinned, files }] }],
    });
    const { folder } = await pulled.pull(catalogueId);
    await pulled.hub.close();
    const progress: { readBytes: number; totalBytes: number }[] = [];
    const verified = await verifyModel('webssl-mae700m-full2b-224', {
      hubCacheFolder: pulled.cache,
      onProgress: (step) => progress.push(step),
    });
    expect(verified).toMatchObject({ id: catalogueId, commit: pinned, folder });
    const expected = await Promise.all(
      Object.keys(allGood).map(async (path) => {
        const { bytes, etag } = await pulled.hub.describe(catalogueId, path, pinned);
        return { path, bytes, state: 'good', expected: etag, actual: etag };
      }),
    );
    expect(verified.files).toEqual(expected);
    const last = progress.at(-1);
    expect(last?.readBytes).toBe(last?.totalBytes);
    expect(last?.totalBytes).toBe(expected.reduce((sum, { bytes }) => sum + bytes, 0));
  });

  it('finds one flipped bit', async () => {
    const pulled = await openCase(hubOf(files));
    await pulled.pull();
    await flipByte(await pulled.blob('model.safetensors'), 654_321);
    const { files: found } = await verify(pulled);
    const { etag } = await pulled.hub.describe(id, 'model.safetensors');
    const damaged = found.find(({ path }) => path === 'model.safetensors');
    expect(damaged).toMatchObject({ state: 'damaged', expected: etag });
    expect(damaged?.actual).not.toBe(etag);
    expect(found.filter(({ state }) => state === 'good')).toHaveLength(2);
  });

  it('finds what is missing, and what nothing is known of', async () => {
    const pulled = await openCase(hubOf(files));
    const { folder } = await pulled.pull();
    await rm(join(folder, 'config.json'));
    await rm(await pulled.blob('model.safetensors'));
    await writeFile(join(folder, 'notes.txt'), 'mine');
    expect(await statesOf(pulled)).toEqual({
      'config.json': 'missing',
      'model.safetensors': 'missing',
      'notes.txt': 'unknown',
      'preprocessor_config.json': 'good',
    });
  });

  it('changes nothing', async () => {
    const pulled = await openCase(hubOf(files));
    await pulled.pull();
    await flipByte(await pulled.blob('config.json'), 3);
    const before = await pulled.tree();
    await verify(pulled);
    expect(await pulled.tree()).toEqual(before);
  });

  it('says when there is nothing to verify', async () => {
    const pulled = await openCase(hubOf(files));
    expect((await refusalOf(verify(pulled))).code).toBe('MODEL_NOT_ON_DISK');
    await pulled.pull();
    const error = await refusalOf(verify(pulled, 'v2'));
    expect(error.code).toBe('MODEL_NOT_ON_DISK');
    expect(error.message).toContain(`Revision v2 of ${id}`);
  });

  it('is stopped by its signal', async () => {
    const pulled = await openCase(hubOf(files));
    await pulled.pull();
    const stop = new AbortController();
    const reason = new Error('enough');
    const options = {
      hubCacheFolder: pulled.cache,
      signal: stop.signal,
      onProgress: () => stop.abort(reason),
    };
    await expect(verifyModel(id, options)).rejects.toBe(reason);
  });
});

describe('repairModel', () => {
  it('fetches damaged and missing files again and nothing else; the damaged ones are kept aside until then', async () => {
    const pulled = await openCase(hubOf(files));
    const { folder } = await pulled.pull();
    await flipByte(await pulled.blob('model.safetensors'), 0);
    await rm(await pulled.blob('config.json'));
    pulled.hub.reset();
    await repairModel(await verify(pulled), pulled.options());
    expect(pulled.requestedFiles()).toEqual(['config.json', 'model.safetensors']);
    expect(await statesOf(pulled)).toEqual(allGood);
    expect(await isSame(join(folder, 'model.safetensors'), await golden('model.safetensors'))).toBe(true);
  });

  it('repairs what another program has brought besides, too', async () => {
    const pulled = await openCase(hubOf(files));
    const reference = { kind: 'hub', id, entry: undefined, revision: 'main' } as const;
    await pullRepository(reference, (repository) => repository.files, pulled.options());
    await flipByte(await pulled.blob('README.md'), 0);
    await repairModel(await verify(pulled), pulled.options());
    expect(await statesOf(pulled)).toEqual({ ...allGood, 'README.md': 'good' });
  });

  it('repairs a shard, and the index itself', async () => {
    const pulled = await openCase(hubOf(checkpointFiles('vit-tiny-sharded')));
    await pulled.pull();
    await flipByte(await pulled.blob('model-00002-of-00002.safetensors'), 9);
    await flipByte(await pulled.blob('model.safetensors.index.json'), 9);
    await repairModel(await verify(pulled), pulled.options());
    expect(new Set(Object.values(await statesOf(pulled)))).toEqual(new Set(['good']));
  });

  it('repairs the commit that was verified, when its branch has moved', async () => {
    const commits = [{ references: ['old'], files }, { files: { ...files, 'config.json': '{}' } }];
    const pulled = await openCase({ repositories: [{ id, commits }] });
    const { revision = '' } = await pulled.pull(id, { revision: 'old' });
    const blob = join(
      pulled.repository(),
      'blobs',
      (await pulled.hub.describe(id, 'config.json', 'old')).etag,
    );
    await flipByte(blob, 1);
    await repairModel(await verify(pulled, revision), pulled.options());
    const { files: found } = await verify(pulled, revision);
    expect(found.every(({ state }) => state === 'good')).toBe(true);
  });

  it('repairs a real file, as there are on systems without links', async () => {
    const pulled = await openCase(hubOf(files));
    const { folder } = await pulled.pull();
    const blob = await pulled.blob('model.safetensors');
    await rm(join(folder, 'model.safetensors'));
    await rename(blob, join(folder, 'model.safetensors'));
    await flipByte(join(folder, 'model.safetensors'), 5);
    const verified = await verify(pulled);
    const { etag } = await pulled.hub.describe(id, 'model.safetensors');
    // Nothing on disk says what it should be; the caller may have asked the hub.
    expect(verified.files.find(({ path }) => path === 'model.safetensors')?.state).toBe('unknown');
    const told = verified.files.map((file) =>
      file.state === 'unknown' ? { ...file, state: 'damaged' as const, expected: etag } : file,
    );
    await repairModel({ ...verified, files: told }, pulled.options());
    expect(await isSame(join(folder, 'model.safetensors'), await golden('model.safetensors'))).toBe(true);
  });

  it.each([
    ['offline', 'HUB_OFFLINE', true],
    ['without a hub', 'HUB_UNREACHABLE', false],
  ])('%s changes nothing', async (_name, code, offline) => {
    const pulled = await openCase(hubOf(files));
    await pulled.pull();
    await flipByte(await pulled.blob('model.safetensors'), 0);
    const verified = await verify(pulled);
    const before = await pulled.tree();
    await pulled.hub.close();
    expect((await refusalOf(repairModel(verified, pulled.options({ offline })))).code).toBe(code);
    expect(await pulled.tree()).toEqual(before);
    expect(existsSync(await pulled.blob('model.safetensors'))).toBe(true);
  });
});
