import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commitOfFolder, findSnapshot, hubCacheFolder, isHubId, listSnapshots } from './hub-cache.js';

const braced = (name: string) => `$\{${name}}`;

describe('hubCacheFolder', () => {
  // What huggingface_hub.constants.HF_HUB_CACHE is under the same variables.
  it.each([
    [{ HOME: '/home/me' }, '/home/me/.cache/huggingface/hub'],
    [{ HOME: '/home/me', XDG_CACHE_HOME: '/x' }, '/x/huggingface/hub'],
    [{ HOME: '/home/me', XDG_CACHE_HOME: '/x', HF_HOME: '/hf' }, '/hf/hub'],
    [{ HOME: '/home/me', HF_HOME: '/hf', HUGGINGFACE_HUB_CACHE: '/old' }, '/old'],
    [{ HOME: '/home/me', HF_HOME: '/hf', HUGGINGFACE_HUB_CACHE: '/old', HF_HUB_CACHE: '/new' }, '/new'],
    [{ HOME: '/home/me', HF_HOME: '~/models' }, '/home/me/models/hub'],
    [{ HOME: '/home/me', HF_HUB_CACHE: '~' }, '/home/me'],
    [{ HOME: '/home/me', XDG_CACHE_HOME: '~/c' }, '/home/me/c/huggingface/hub'],
    [{ HF_HUB_CACHE: `$DISK/a/${braced('NAME')}/b`, DISK: '/disk', NAME: 'n' }, '/disk/a/n/b'],
    [{ HF_HUB_CACHE: `/a/$NOTHING/${braced('NOT')}` }, `/a/$NOTHING/${braced('NOT')}`],
    [{ HOME: '/home/me', HF_HUB_CACHE: '', HF_HOME: '' }, '/home/me/.cache/huggingface/hub'],
  ])('under %j', (environment, folder) => {
    expect(hubCacheFolder(environment)).toBe(folder);
  });

  it("uses the user's home where HOME is not set", () => {
    expect(hubCacheFolder({})).toBe(join(homedir(), '.cache/huggingface/hub'));
  });
});

describe('isHubId', () => {
  it.each([
    ['facebook/webssl-mae700m-full2b-224', true],
    ['a/b.c_d', true],
    ['a', false],
    ['a/b/c', false],
    ['../b', false],
    ['a/..', false],
    ['a--b/c', false],
    ['/a', false],
    ['a/b c', false],
  ])('%s: %s', (text, expected) => {
    expect(isHubId(text)).toBe(expected);
  });
});

describe('a cache folder', () => {
  const commit = '0123456789abcdef0123456789abcdef01234567';
  const gone = 'ffffffffffffffffffffffffffffffffffffffff';
  let cache = '';
  let snapshot = '';

  beforeAll(async () => {
    cache = await realpath(await mkdtemp(join(tmpdir(), 'webssl-hub-')));
    const repository = join(cache, 'models--some-org--some.model');
    snapshot = join(repository, 'snapshots', commit);
    await mkdir(snapshot, { recursive: true });
    await mkdir(join(repository, 'refs', 'pr'), { recursive: true });
    await writeFile(join(repository, 'refs', 'main'), commit);
    await writeFile(join(repository, 'refs', 'v1.0'), `${commit}\n`);
    await writeFile(join(repository, 'refs', 'pr', '1'), commit);
    await writeFile(join(repository, 'refs', 'old'), gone);
    await writeFile(join(repository, 'refs', 'broken'), '../../..');
    await writeFile(join(cache, 'secret'), commit);
  });
  afterAll(() => rm(cache, { recursive: true }));

  it.each(['main', 'v1.0', 'pr/1', commit])('gives revision %s', async (revision) => {
    expect(await findSnapshot(cache, 'some-org/some.model', revision)).toEqual({ folder: snapshot, commit });
  });

  it.each(['other', 'old', 'broken', gone, '0123456'])('has no revision %s', async (revision) => {
    expect(await findSnapshot(cache, 'some-org/some.model', revision)).toBeUndefined();
  });

  it('has nothing of other repositories, nor where it does not exist', async () => {
    expect(await findSnapshot(cache, 'some-org/other', 'main')).toBeUndefined();
    expect(await findSnapshot(join(cache, 'nowhere'), 'some-org/some.model', 'main')).toBeUndefined();
    expect(await listSnapshots(cache, 'some-org/other')).toEqual([]);
  });

  it('lists its snapshots', async () => {
    expect(await listSnapshots(cache, 'some-org/some.model')).toEqual([{ folder: snapshot, commit }]);
  });

  it.each(['../../secret', '/etc/passwd', 'a//b', 'a\\b', '..', ''])(
    'refuses %j as a revision',
    async (revision) => {
      const error = await findSnapshot(cache, 'some-org/some.model', revision).catch((reason) => reason);
      expect(WebsslError.isInstance(error, 'MODEL_REVISION_INVALID')).toBe(true);
    },
  );

  it('tells the commit of a snapshot folder from its path, also through a link', async () => {
    await symlink(snapshot, join(cache, 'link'));
    expect(commitOfFolder(await realpath(join(cache, 'link')))).toBe(commit);
    expect(commitOfFolder(cache)).toBeUndefined();
    expect(commitOfFolder(`/elsewhere/${commit}`)).toBeUndefined();
  });
});
