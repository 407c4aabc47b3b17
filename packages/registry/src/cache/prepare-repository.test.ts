import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepareRepository } from './prepare-repository.js';
import { asOrdinaryUser, commit, failure, sampleCache } from './testing/sample-cache.js';

describe('a repository that is to be fetched', () => {
  const sample = sampleCache();
  const tag = () => join(sample.path(), 'CACHEDIR.TAG');

  it('gets its folders, and the cache its tag', async () => {
    await prepareRepository(sample.place(), commit);
    expect((await readdir(sample.path(), { recursive: true })).sort()).toEqual([
      '.locks',
      '.locks/models--some-org--some.model',
      'CACHEDIR.TAG',
      'models--some-org--some.model',
      'models--some-org--some.model/blobs',
      'models--some-org--some.model/snapshots',
      `models--some-org--some.model/snapshots/${commit}`,
    ]);
    expect(await readFile(tag(), 'utf8')).toMatch(/^Signature: 8a477f597d28d172789f06886806bc55\n/);
  });

  it('may have them already, and a tag of its own', async () => {
    await prepareRepository(sample.place(), commit);
    await writeFile(tag(), 'mine');
    await prepareRepository(sample.place(), commit);
    expect(await readFile(tag(), 'utf8')).toBe('mine');
  });

  it('is not made where the cache cannot be written', async () => {
    const error = await asOrdinaryUser(() => failure(prepareRepository(sample.place(), commit)));
    expect(error.code).toBe('CACHE_UNWRITABLE');
    expect(error.message).toContain(sample.path());
    const file = join(sample.parent(), 'file');
    await writeFile(file, '');
    expect((await failure(prepareRepository({ ...sample.place(), cache: file }, commit))).code).toBe(
      'CACHE_UNWRITABLE',
    );
  });

  it('is not made behind a planted link', async () => {
    await mkdir(sample.repository());
    await symlink(sample.parent(), join(sample.repository(), 'blobs'));
    expect((await failure(prepareRepository(sample.place(), commit))).code).toBe('CACHE_PATH_INVALID');
  });
});
