import { readFileSync } from 'node:fs';
import { chmod, lstat, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { linkSnapshotFile } from './link-snapshot-file.js';
import { prepareRepository } from './prepare-repository.js';
import {
  asOrdinaryUser,
  commit,
  failure,
  hubFile,
  otherCommit,
  sampleCache,
} from './testing/sample-cache.js';

/** Linux may refuse other users' files a second name: that is what a file system without hard links does. */
const hardLinksRefused =
  process.platform === 'linux' &&
  process.geteuid?.() === 0 &&
  readFileSync('/proc/sys/fs/protected_hardlinks', 'utf8').trim() === '1';
const content = '{"a":1}';
const config = hubFile('config.json', content);
const deep = hubFile('deep/er/config.json', content);

describe('a file of a snapshot', () => {
  const sample = sampleCache();
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  async function fetched(): Promise<void> {
    await prepareRepository(sample.place(), commit);
    await writeFile(sample.blob(config), content);
  }

  async function link(
    file = config,
    more: { isNewBlob?: boolean; symlinks?: boolean } = {},
  ): Promise<string> {
    const place = { commit, path: file.path, digest: file.hash.digest, isNewBlob: true };
    await linkSnapshotFile(sample.place(), { ...place, ...more });
    return join(sample.snapshot(), file.path);
  }

  it.each([
    [config, '../../blobs/'],
    [deep, '../../../../blobs/'],
  ])('is a relative link to its blob: $path', async (file, prefix) => {
    await fetched();
    const made = await link(file);
    expect(await readlink(made)).toBe(`${prefix}${config.hash.digest}`);
    expect(await readFile(made, 'utf8')).toBe(content);
    expect(await readdir(join(made, '..'))).toEqual(['config.json']);
  });

  it.each<[string, (file: string) => Promise<unknown>]>([
    ['a link to nothing', (file) => symlink('../../blobs/nothing', file)],
    ['a link to something else', (file) => symlink('/etc/hostname', file)],
    ['a file', (file) => writeFile(file, 'old')],
  ])('replaces %s', async (_, plant) => {
    await fetched();
    await plant(join(sample.snapshot(), 'config.json'));
    expect(await readFile(await link(), 'utf8')).toBe(content);
    expect(await readlink(join(sample.snapshot(), 'config.json'))).toBe(`../../blobs/${config.hash.digest}`);
    expect(await readdir(sample.snapshot())).toEqual(['config.json']);
  });

  it('that is right already is not touched', async () => {
    await fetched();
    const before = await lstat(await link());
    expect((await lstat(await link())).ino).toBe(before.ino);
  });

  it('is the blob under a second name without symbolic links, as HF_HUB_DISABLE_SYMLINKS asks for', async () => {
    await fetched();
    vi.stubEnv('HF_HUB_DISABLE_SYMLINKS', 'yes');
    const made = await link();
    expect((await lstat(made)).isFile()).toBe(true);
    expect((await lstat(made)).ino).toBe((await lstat(sample.blob(config))).ino);
    // Another pull that found the blob goes on with it, and one that put it there before changes nothing.
    for (const isNewBlob of [true, false]) await link(config, { isNewBlob });
    expect(await readFile(await link(deep), 'utf8')).toBe(content);
    expect((await readdir(sample.snapshot())).sort()).toEqual(['config.json', 'deep']);
  });

  it.skipIf(!hardLinksRefused).each([
    ['a new blob is moved', true],
    ['an older blob is copied, because another snapshot may link to it', false],
  ])('where there are no hard links either: %s (where the system refuses them)', async (_, isNewBlob) => {
    await sample.add({ 'config.json': content }, otherCommit);
    await prepareRepository(sample.place(), commit);
    for (const folder of [sample.snapshot(), join(sample.repository(), 'blobs')]) await chmod(folder, 0o777);
    await asOrdinaryUser(() => link(config, { isNewBlob, symlinks: false }));
    const made = await lstat(join(sample.snapshot(), 'config.json'));
    expect([made.isFile(), made.nlink]).toEqual([true, 1]);
    expect(await readFile(join(sample.snapshot(), 'config.json'), 'utf8')).toBe(content);
    expect(await readdir(join(sample.repository(), 'blobs'))).toEqual(isNewBlob ? [] : [config.hash.digest]);
    expect(await readdir(sample.snapshot())).toEqual(['config.json']);
  });

  it('whose blob another process has taken away is an error that says to run it again', async () => {
    await prepareRepository(sample.place(), commit);
    for (const isNewBlob of [true, false]) {
      const error = await failure(link(config, { isNewBlob, symlinks: false }));
      expect(error.code).toBe('CACHE_BUSY');
      expect(error.message).toContain('Run it again');
    }
    expect(await readdir(sample.snapshot())).toEqual([]);
  });

  it('without symbolic links is a copy of what the Python client shares between repositories', async () => {
    await fetched();
    await rm(sample.blob(config));
    await writeFile(join(sample.path(), 'shared'), content);
    await symlink('../../shared', sample.blob(config));
    expect(await readFile(await link(config, { symlinks: false }), 'utf8')).toBe(content);
    expect(await readFile(join(sample.path(), 'shared'), 'utf8')).toBe(content);
  });

  it.each(['snapshots', `snapshots/${commit}`, `snapshots/${commit}/deep`])(
    'is not put behind a link that somebody has planted at %s',
    async (place) => {
      await fetched();
      const outside = join(sample.parent(), 'outside');
      await mkdir(outside);
      await rm(join(sample.repository(), place), { recursive: true, force: true });
      await symlink(outside, join(sample.repository(), place));
      const error = await failure(link(deep));
      expect(error.code).toBe('CACHE_PATH_INVALID');
      expect(error.message).toContain(join(sample.repository(), place));
      expect(await readdir(outside)).toEqual([]);
    },
  );

  it('may lie behind a link that the user has made of the whole repository', async () => {
    const elsewhere = join(sample.parent(), 'elsewhere');
    await mkdir(elsewhere);
    await symlink(elsewhere, sample.repository());
    await fetched();
    expect(await readFile(await link(), 'utf8')).toBe(content);
  });

  it('in a cache that cannot be written is an error that says where and what to do', async () => {
    await sample.add({ 'config.json': content }, otherCommit);
    const error = await asOrdinaryUser(() => failure(link()));
    expect(error.code).toBe('CACHE_UNWRITABLE');
    expect(error.message).toContain(sample.snapshot());
    expect(error.message).toContain('HF_HUB_CACHE');
    expect(error.message).toContain('--cache-dir');
  });
});
