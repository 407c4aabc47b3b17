import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listReferences, readReference, writeReference } from './references.js';
import { asOrdinaryUser, commit, failure, otherCommit, sampleCache } from './testing/sample-cache.js';

describe('a branch or tag', () => {
  const sample = sampleCache();
  const file = (name: string) => join(sample.repository(), 'refs', name);

  it.each(['main', 'refs/pr/1', 'v1.0', 'feature/x@2', 'größe'])(
    'is noted and read again: %s',
    async (revision) => {
      await writeReference(sample.place(), revision, commit);
      expect(await readFile(file(revision), 'utf8')).toBe(commit);
      expect(await readReference(sample.place(), revision)).toBe(commit);
      expect(await listReferences(sample.place())).toEqual([
        { name: revision, file: file(revision), commit },
      ]);
    },
  );

  it('is written only when it has changed', async () => {
    await writeReference(sample.place(), 'main', commit);
    const { ino } = await stat(file('main'));
    await writeReference(sample.place(), 'main', commit);
    expect((await stat(file('main'))).ino).toBe(ino);
    await writeReference(sample.place(), 'main', otherCommit);
    expect(await readFile(file('main'), 'utf8')).toBe(otherCommit);
    expect(await readdir(join(sample.repository(), 'refs'))).toEqual(['main']);
  });

  it('is written anew where the Python client could not read it', async () => {
    await mkdir(join(sample.repository(), 'refs'), { recursive: true });
    await writeFile(file('main'), `${commit}\n`);
    await writeReference(sample.place(), 'main', commit);
    expect(await readFile(file('main'), 'utf8')).toBe(commit);
  });

  it('that is the commit needs no note', async () => {
    await writeReference(sample.place(), commit, commit);
    expect(await readdir(sample.path())).toEqual([]);
  });

  it('is not noted in a cache that cannot be written, without an error', async () => {
    await sample.add({ 'config.json': '{}' }, commit, 'main');
    await asOrdinaryUser(async () => {
      await writeReference(sample.place(), 'main', otherCommit);
      await writeReference(sample.place(), 'v2', commit);
    });
    expect(await readReference(sample.place(), 'main')).toBe(commit);
    expect(await readdir(join(sample.repository(), 'refs'))).toEqual(['main']);
  });

  it('is not noted behind a planted link', async () => {
    await mkdir(sample.repository());
    await mkdir(join(sample.parent(), 'outside'));
    await symlink(join(sample.parent(), 'outside'), join(sample.repository(), 'refs'));
    await writeReference(sample.place(), 'main', commit);
    expect(await readdir(join(sample.parent(), 'outside'))).toEqual([]);
  });

  it('of a name that leads elsewhere, and a commit that is none, are refused', async () => {
    expect((await failure(writeReference(sample.place(), '../../x', commit))).code).toBe(
      'MODEL_REVISION_INVALID',
    );
    expect((await failure(writeReference(sample.place(), 'main', 'x'))).code).toBe('CACHE_PATH_INVALID');
  });
});
