import { lstat, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it, vi } from 'vitest';
import { refusalOf } from '../testing/refusal.js';
import { checkpointFiles, hubOf, id, isSame, openCase, openHub, type PullCase } from './testing/pull-case.js';

const files = checkpointFiles();
const newer = { ...files, 'config.json': '{"newer":true}' };

/** A hub whose main has moved by one commit. */
const movedHub = () => openHub({ repositories: [{ id, commits: [{ files }, { files: newer }] }] });

const reference = (pulled: PullCase) => readFile(join(pulled.repository(), 'refs', 'main'), 'utf8');

describe('a model that is on disk', () => {
  it('at a commit is not asked for again', async () => {
    const pulled = await openCase(hubOf(files));
    const { commit } = await pulled.hub.describe(id, 'config.json');
    const first = await pulled.pull(id, { revision: commit });
    pulled.hub.reset();
    pulled.events = [];
    expect(await pulled.pull(id, { revision: commit })).toEqual(first);
    expect(pulled.hub.requests).toEqual([]);
    await pulled.hub.close();
    expect(await pulled.pull(id, { revision: commit })).toEqual(first);
    expect(pulled.events).toEqual([]);
  });

  it('at a branch is asked for, and nothing of it is fetched or told to be', async () => {
    const pulled = await openCase(hubOf(files));
    const first = await pulled.pull();
    pulled.hub.reset();
    pulled.events = [];
    const before = await pulled.tree();
    expect(await pulled.pull()).toEqual(first);
    expect(pulled.hub.requests.length).toBeGreaterThan(0);
    expect(pulled.requestedFiles()).toEqual([]);
    expect(pulled.told('plan')).toEqual([]);
    expect(pulled.told('verified')).toEqual([]);
    expect(await pulled.tree()).toEqual(before);
  });

  it('at a branch is used without a question when offline', async () => {
    const pulled = await openCase(hubOf(files));
    const first = await pulled.pull();
    pulled.hub.reset();
    expect(await pulled.pull(id, { offline: true })).toEqual(first);
    const error = await refusalOf(pulled.pull(id, { offline: true, revision: 'v1' }));
    expect(error.code).toBe('HUB_OFFLINE');
    expect(error.message).toContain(`Revision v1 of ${id}`);
    expect(pulled.hub.requests).toEqual([]);
  });
});

describe('a branch that has moved', () => {
  it('brings only what has changed, and the earlier commit stays', async () => {
    const pulled = await openCase(hubOf(files));
    const first = await pulled.pull();
    const moved = pulled.at(await movedHub());
    const second = await moved.pull();
    expect(second.revision).not.toBe(first.revision);
    expect(moved.requestedFiles()).toEqual(['config.json']);
    expect(moved.told('verified').map(({ path }) => path)).toEqual(['config.json']);
    expect(await readFile(join(second.folder, 'config.json'), 'utf8')).toBe('{"newer":true}');
    expect(await readFile(join(first.folder, 'config.json'), 'utf8')).toBe(
      await readFile(join(goldenCheckpoint('vit-tiny-p14'), 'config.json'), 'utf8'),
    );
    expect(await stat(join(second.folder, 'model.safetensors'))).toMatchObject({
      ino: (await stat(join(first.folder, 'model.safetensors'))).ino,
    });
    expect(await reference(pulled)).toBe(second.revision);
    expect(await readdir(join(pulled.repository(), 'blobs'))).toHaveLength(4);
  });

  it('points to the new commit only when everything of it is there', async () => {
    const pulled = await openCase(hubOf(files));
    const first = await pulled.pull();
    const hub = await movedHub();
    const moved = pulled.at(hub);
    hub.setFaults([
      { path: '/resolve/', fault: { kind: 'status', status: 500 }, times: Number.POSITIVE_INFINITY },
    ]);
    expect((await refusalOf(moved.pull())).code).toBe('HUB_UNREACHABLE');
    expect(await reference(pulled)).toBe(first.revision);
    expect((await moved.pull(id, { offline: true })).folder).toBe(first.folder);
    hub.setFaults([]);
    const second = await moved.pull();
    expect(await reference(pulled)).toBe(second.revision);
  });
});

describe('what lies in the cache already', () => {
  it('is used where only its contents are there, as the Python client leaves them of another commit', async () => {
    const pulled = await openCase(hubOf(files));
    for (const path of Object.keys(files)) {
      await mkdir(join(pulled.repository(), 'blobs'), { recursive: true });
      const content = await readFile(join(goldenCheckpoint('vit-tiny-p14'), path));
      await writeFile(await pulled.blob(path), content);
    }
    await pulled.pull();
    expect(pulled.requestedFiles()).toEqual([]);
    expect(await pulled.visible()).toHaveLength(3);
    expect(pulled.told('plan')).toEqual([]);
  });

  it('is used where it is real files, as links are not wanted', async () => {
    const pulled = await openCase(hubOf({ ...files, 'config.json': '{}', 'preprocessor_config.json': '{}' }));
    vi.stubEnv('HF_HUB_DISABLE_SYMLINKS', '1');
    const { folder } = await pulled.pull();
    for (const path of Object.keys(files)) expect((await lstat(join(folder, path))).isFile()).toBe(true);
    expect(await readFile(join(folder, 'preprocessor_config.json'), 'utf8')).toBe('{}');
    pulled.hub.reset();
    expect((await pulled.pull()).folder).toBe(folder);
    expect(pulled.requestedFiles()).toEqual([]);
  });

  it.each([
    ['too short', -1],
    ['too long', 1],
  ])('is fetched again where it is %s', async (_name, difference) => {
    const pulled = await openCase(hubOf(files));
    const { folder, bytes } = await pulled.pull();
    await truncate(await pulled.blob('model.safetensors'), bytes + difference);
    pulled.hub.reset();
    await pulled.pull();
    expect(pulled.requestedFiles()).toEqual(['model.safetensors']);
    expect(pulled.hub.bytesSent({ host: 'cdn' })).toBe(bytes);
    const truth = await readFile(join(goldenCheckpoint('vit-tiny-p14'), 'model.safetensors'));
    expect(await isSame(join(folder, 'model.safetensors'), truth)).toBe(true);
  });

  it('is fetched again where its link leads nowhere', async () => {
    const pulled = await openCase(hubOf(files));
    const { commit } = await pulled.hub.describe(id, 'config.json');
    await pulled.pull(id, { revision: commit });
    await rm(await pulled.blob('config.json'));
    pulled.hub.reset();
    await pulled.pull(id, { revision: commit });
    expect(pulled.requestedFiles()).toEqual(['config.json']);
  });

  it('is left alone where the Python client is in the middle of it', async () => {
    const pulled = await openCase(hubOf(files));
    const foreign = `${await pulled.blob('model.safetensors')}.0a1b2c3d.incomplete`;
    await mkdir(join(pulled.repository(), 'blobs'), { recursive: true });
    await writeFile(foreign, 'half of it');
    await pulled.pull();
    expect(await readFile(foreign, 'utf8')).toBe('half of it');
  });
});
