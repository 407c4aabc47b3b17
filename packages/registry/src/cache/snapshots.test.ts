import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commitOfFolder, findSnapshot, listSnapshots } from './snapshots.js';

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

  it.each(['other', 'old', 'broken', 'pr', gone, '0123456'])('has no revision %s', async (revision) => {
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

  it.each([
    '../../secret',
    '/etc/passwd',
    'a//b',
    'a\\b',
    '..',
    '',
    '-a',
    'a b',
    'a~1',
    'a@{1}',
    'C:x',
    'con',
  ])('refuses %j as a revision', async (revision) => {
    const error = await findSnapshot(cache, 'some-org/some.model', revision).catch((reason) => reason);
    expect(WebsslError.isInstance(error, 'MODEL_REVISION_INVALID')).toBe(true);
  });

  it('tells the commit of a snapshot folder from its path, also through a link', async () => {
    await symlink(snapshot, join(cache, 'link'));
    expect(commitOfFolder(await realpath(join(cache, 'link')))).toBe(commit);
    expect(commitOfFolder(cache)).toBeUndefined();
    expect(commitOfFolder(`/elsewhere/${commit}`)).toBeUndefined();
  });
});
