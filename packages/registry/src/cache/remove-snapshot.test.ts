import { access, link, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { acquireDownloadLock } from './download-lock.js';
import { removePartialDownloads, removeSnapshot } from './remove-snapshot.js';
import {
  asOrdinaryUser,
  commit,
  failure,
  hubFile,
  otherCommit,
  sampleCache,
} from './testing/sample-cache.js';

const [config, weights] = [hubFile('config.json', '{}'), hubFile('model.safetensors', 'weights')];

/** A branch is a file that holds a commit. */
const noteBytes = 40;
const newer = hubFile('model.safetensors', 'newer weights');

describe('a snapshot that is removed', () => {
  const sample = sampleCache();
  const remove = (which = commit) => removeSnapshot(sample.place(), which);
  const everything = async () => (await readdir(sample.path(), { recursive: true })).sort();

  async function addTwo(): Promise<void> {
    await sample.add({ 'config.json': '{}', 'model.safetensors': 'weights' }, commit, 'main');
    await sample.add({}, commit, 'refs/pr/1');
    await sample.add({ 'config.json': '{}', 'model.safetensors': 'newer weights' }, otherCommit, 'dev');
  }

  it('takes its branches and the contents that no other has, and frees their bytes', async () => {
    await addTwo();
    for (const place of ['trees', '.no_exist']) await mkdir(join(sample.repository(), place));
    await writeFile(join(sample.repository(), 'trees', `${commit}.json`), '{}');
    await writeFile(join(sample.repository(), 'trees', `${otherCommit}.json`), '{}');
    await mkdir(join(sample.repository(), '.no_exist', commit));
    expect(await remove()).toEqual({ freedBytes: 7 + 2 + 2 * noteBytes });
    expect((await readdir(sample.repository(), { recursive: true })).sort()).toEqual(
      [
        '.no_exist',
        'blobs',
        `blobs/${config.hash.digest}`,
        `blobs/${newer.hash.digest}`,
        'refs',
        'refs/dev',
        'snapshots',
        `snapshots/${otherCommit}`,
        `snapshots/${otherCommit}/config.json`,
        `snapshots/${otherCommit}/model.safetensors`,
        'trees',
        `trees/${otherCommit}.json`,
      ].sort(),
    );
    expect(await readFile(join(sample.snapshot(otherCommit), 'config.json'), 'utf8')).toBe('{}');
  });

  it('takes the whole repository and its locks when it is the last', async () => {
    await addTwo();
    await mkdir(dirname(sample.lock(weights)), { recursive: true });
    await writeFile(sample.lock(weights), '');
    await writeFile(sample.lock(hubFile('gone', 'gone')), '');
    await writeFile(`${sample.blob(weights)}.webssl.incomplete`, 'part');
    await writeFile(`${sample.blob(weights)}.1234abcd.incomplete`, 'other');
    await remove(otherCommit);
    await remove();
    expect(await everything()).toEqual(['.locks']);
  });

  it("takes webssl's unfinished downloads, and leaves those of others beside another snapshot", async () => {
    await addTwo();
    const partial = sample.blob(hubFile('x.safetensors', 'x'));
    for (const suffix of ['incomplete', 'journal', 'journal.next', 'rejected']) {
      await writeFile(`${partial}.webssl.${suffix}`, 'part');
    }
    await writeFile(`${partial}.1234abcd.incomplete`, 'other');
    expect(await remove()).toEqual({ freedBytes: 7 + 4 * 4 + 2 * noteBytes });
    expect((await readdir(join(sample.repository(), 'blobs'))).filter((name) => name.includes('.'))).toEqual([
      `${hubFile('x.safetensors', 'x').hash.digest}.1234abcd.incomplete`,
    ]);
  });

  it('loses only the link into the store that the Python client shares between repositories', async () => {
    await sample.add({ 'model.safetensors': 'weights' });
    const name = `ab${'0'.repeat(62)}`;
    const store = join(sample.path(), 'blobs', 'ab', name);
    await mkdir(dirname(store), { recursive: true });
    await writeFile(store, 'weights');
    await rm(sample.blob(weights));
    await symlink(`../../blobs/ab/${name}`, sample.blob(weights));
    expect(await remove()).toEqual({ freedBytes: 0 });
    expect(await everything()).toEqual(['.locks', 'blobs', 'blobs/ab', `blobs/ab/${name}`]);
  });

  it('takes files without blobs, and leaves a content to which another snapshot links in another way', async () => {
    await sample.add({ 'model.safetensors': 'weights' });
    await mkdir(sample.snapshot(otherCommit));
    await symlink(sample.blob(weights), join(sample.snapshot(otherCommit), 'model.safetensors'));
    await writeFile(join(sample.snapshot(), 'config.json'), '{}');
    expect(await remove()).toEqual({ freedBytes: 2 });
    expect(await readFile(join(sample.snapshot(otherCommit), 'model.safetensors'), 'utf8')).toBe('weights');
  });

  it('leaves what no client keeps there, and a snapshot of another kind of name', async () => {
    await addTwo();
    await mkdir(join(sample.repository(), 'snapshots', 'v1'));
    await remove(otherCommit);
    await remove();
    expect(await readdir(join(sample.repository(), 'snapshots'))).toEqual(['v1']);
    await rm(join(sample.repository(), 'snapshots', 'v1'), { recursive: true });
    await writeFile(join(sample.repository(), 'notes.txt'), 'mine');
    await removePartialDownloads(sample.place());
    expect(await readdir(sample.repository())).toEqual(['notes.txt']);
  });

  it('stays while another process fetches one of its files', async () => {
    await sample.add({ 'model.safetensors': 'weights' }, commit, 'main');
    const lock = await acquireDownloadLock(sample.lock(weights));
    const before = await everything();
    const error = await failure(remove());
    expect(error.code).toBe('CACHE_BUSY');
    expect(error.message).toContain('some-org/some.model');
    expect(await everything()).toEqual(before);
    await lock.release();
    expect(await remove()).toEqual({ freedBytes: 7 + noteBytes });
  });

  it('stays while another process has begun to fetch a file of the repository', async () => {
    await sample.add({ 'model.safetensors': 'weights' });
    const lock = await acquireDownloadLock(sample.lock(newer));
    expect((await failure(remove())).code).toBe('CACHE_BUSY');
    await lock.release();
  });

  it.each(['snapshots', `snapshots/${commit}`, 'blobs', 'refs', '.no_exist'])(
    'never reaches through a link at %s',
    async (place) => {
      await sample.add({ 'config.json': '{}' }, commit, 'main');
      const outside = join(sample.parent(), 'outside');
      await mkdir(join(outside, commit), { recursive: true });
      await writeFile(join(outside, commit, 'precious'), 'x');
      await rm(join(sample.repository(), place), { recursive: true, force: true });
      await symlink(outside, join(sample.repository(), place));
      expect((await failure(remove())).code).toBe('CACHE_PATH_INVALID');
      expect(await readFile(join(outside, commit, 'precious'), 'utf8')).toBe('x');
    },
  );

  it('has its own links to folders elsewhere removed, not those folders', async () => {
    await sample.add({ 'config.json': '{}' });
    await mkdir(join(sample.parent(), 'outside'));
    await writeFile(join(sample.parent(), 'outside', 'precious'), 'x');
    await symlink(join(sample.parent(), 'outside'), join(sample.snapshot(), 'link'));
    await remove();
    await access(join(sample.parent(), 'outside', 'precious'));
    expect(await everything()).toEqual(['.locks']);
  });

  it('that is not there frees nothing', async () => {
    expect(await remove()).toEqual({ freedBytes: 0 });
    await sample.add({ 'config.json': '{}' });
    await writeFile(`${sample.blob(weights)}.webssl.incomplete`, 'part');
    expect(await remove(otherCommit)).toEqual({ freedBytes: 0 });
    await access(join(sample.snapshot(), 'config.json'));
    await access(`${sample.blob(weights)}.webssl.incomplete`);
  });

  it('in a cache that cannot be written is an error', async () => {
    await sample.add({ 'config.json': '{}' });
    expect((await asOrdinaryUser(() => failure(remove()))).code).toBe('CACHE_UNWRITABLE');
    await access(join(sample.snapshot(), 'config.json'));
  });

  it('must be named by its commit', async () => {
    expect((await failure(remove('main'))).code).toBe('CACHE_PATH_INVALID');
  });
});

describe('unfinished downloads', () => {
  const sample = sampleCache();

  it('are removed with their repository when it has no snapshot', async () => {
    await mkdir(join(sample.repository(), 'blobs'), { recursive: true });
    await writeFile(`${sample.blob(weights)}.webssl.incomplete`, 'part');
    await writeFile(sample.blob(config), '{}');
    expect(await removePartialDownloads(sample.place())).toEqual({ freedBytes: 4 + 2 });
    expect(await readdir(sample.path())).toEqual(['.locks']);
  });

  it('are removed beside snapshots, which stay', async () => {
    await sample.add({ 'config.json': '{}' }, commit, 'main');
    await writeFile(`${sample.blob(weights)}.webssl.incomplete`, 'part');
    expect(await removePartialDownloads(sample.place())).toEqual({ freedBytes: 4 });
    expect(await readdir(join(sample.repository(), 'blobs'))).toEqual([config.hash.digest]);
    expect(await readFile(join(sample.repository(), 'refs', 'main'), 'utf8')).toBe(commit);
  });
});

describe('a snapshot without symbolic links', () => {
  const sample = sampleCache();

  it('keeps its blobs, which are other names of its files, when something else is removed', async () => {
    await sample.add({ 'other.json': '[]' }, otherCommit);
    const config = hubFile('config.json', '{"a":1}');
    await mkdir(sample.snapshot());
    await writeFile(sample.blob(config), '{"a":1}');
    await link(sample.blob(config), join(sample.snapshot(), 'config.json'));
    await removeSnapshot(sample.place(), otherCommit);
    expect(await readdir(join(sample.repository(), 'blobs'))).toEqual([config.hash.digest]);
  });
});
