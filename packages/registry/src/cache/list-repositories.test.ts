import { mkdir, open, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listRepositories } from './list-repositories.js';
import { asOrdinaryUser, commit, hubFile, id, otherCommit, sampleCache } from './testing/sample-cache.js';

describe('the repositories of a cache', () => {
  const sample = sampleCache();

  it('are told with their snapshots, shared contents counted once', async () => {
    await sample.add({ 'config.json': '{}', 'model.safetensors': 'weights' }, commit, 'main');
    await sample.add({ 'config.json': '{}', 'model.safetensors': 'newer weights' }, otherCommit, 'refs/pr/1');
    await sample.add({}, otherCommit, 'dev');
    expect(await listRepositories(sample.path())).toEqual([
      {
        id,
        folder: sample.repository(),
        bytes: 2 + 7 + 13,
        partialBytes: 0,
        snapshots: [
          {
            commit: otherCommit,
            folder: sample.snapshot(otherCommit),
            references: ['dev', 'refs/pr/1'],
            bytes: 15,
            files: [
              { path: 'config.json', bytes: 2 },
              { path: 'model.safetensors', bytes: 13 },
            ],
          },
          {
            commit,
            folder: sample.snapshot(),
            references: ['main'],
            bytes: 9,
            files: [
              { path: 'config.json', bytes: 2 },
              { path: 'model.safetensors', bytes: 7 },
            ],
          },
        ],
      },
    ]);
  });

  it('include what was begun: partial files by the space they take, contents without a snapshot', async () => {
    const [partial, whole] = [hubFile('model.safetensors', 'x'), hubFile('config.json', 'fetched')];
    await mkdir(join(sample.repository(), 'blobs'), { recursive: true });
    const file = await open(`${sample.blob(partial)}.webssl.incomplete`, 'w');
    await file.write(Buffer.alloc(8192, 1));
    await file.truncate(1e12);
    await file.sync();
    await file.close();
    await writeFile(`${sample.blob(partial)}.1234abcd.incomplete`, 'other');
    await writeFile(sample.blob(whole), 'fetched');
    const [repository] = await listRepositories(sample.path());
    expect(repository).toMatchObject({ snapshots: [], bytes: 0 });
    expect(repository?.partialBytes).toBeGreaterThanOrEqual(8192 + 5 + 7);
    expect(repository?.partialBytes).toBeLessThan(1e6);
  });

  it('count a content once that is there as a file, and tell a link to nothing', async () => {
    await mkdir(sample.snapshot(), { recursive: true });
    await writeFile(join(sample.snapshot(), 'config.json'), '{}');
    await symlink('../../blobs/nothing', join(sample.snapshot(), 'model.safetensors'));
    expect((await listRepositories(sample.path()))[0]?.snapshots[0]).toMatchObject({
      bytes: 2,
      files: [
        { path: 'config.json', bytes: 2 },
        { path: 'model.safetensors', bytes: undefined },
      ],
    });
  });

  it('do not include what is none', async () => {
    await sample.add({ 'config.json': '{}' });
    await mkdir(join(sample.path(), 'models--gpt2', 'snapshots'), { recursive: true });
    await mkdir(join(sample.path(), 'datasets--a--b', 'snapshots'), { recursive: true });
    await mkdir(join(sample.path(), 'models--a--b--c'));
    await mkdir(join(sample.path(), '.locks', 'models--x--y'), { recursive: true });
    await writeFile(join(sample.path(), 'models--a--file'), '');
    await writeFile(join(sample.path(), 'models--'), '');
    await writeFile(join(sample.repository(), 'snapshots', otherCommit), 'a file');
    await mkdir(join(sample.repository(), 'snapshots', 'folder'));
    await writeFile(join(sample.repository(), 'refs'), 'a file');
    const repositories = await listRepositories(sample.path());
    expect(repositories.map((repository) => repository.id)).toEqual(['gpt2', id]);
    expect(repositories[1]?.snapshots.map((snapshot) => snapshot.commit)).toEqual([commit]);
    expect(await listRepositories(join(sample.path(), 'nowhere'))).toEqual([]);
  });

  it('do not include what this user may not read', async () => {
    await sample.add({ 'config.json': '{}' });
    await mkdir(join(sample.path(), 'models--a--private'), { mode: 0 });
    const repositories = await asOrdinaryUser(() => listRepositories(sample.path()));
    expect(repositories.map((repository) => repository.id)).toEqual([id]);
  });
});
