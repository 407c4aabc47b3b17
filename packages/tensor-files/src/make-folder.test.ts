import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFolder } from './make-folder.js';

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'make-folder-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

it('makes a folder with those above it, and leaves one that is there', async () => {
  const folder = join(scratch, 'a', 'b', 'c');
  await makeFolder(folder);
  await makeFolder(folder);
  await makeFolder(join(scratch, 'a', 'd'));
  expect((await stat(folder)).isDirectory()).toBe(true);
});

it('can be asked for folders at different depths by many at once', async () => {
  for (let round = 0; round < 100; round += 1) {
    const deep = ['rounds', String(round), 'a', 'b', 'c'];
    const folders = deep.map((_, depth) => join(scratch, ...deep.slice(0, depth + 1)));
    await Promise.all([...folders, ...folders.toReversed(), ...folders].map(makeFolder));
    expect((await stat(join(scratch, ...deep))).isDirectory()).toBe(true);
  }
});

it('ends with the error of the system where a file is in the way', async () => {
  await writeFile(join(scratch, 'file'), '');
  await expect(makeFolder(join(scratch, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(scratch, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

it('ends at a link that leads nowhere', async () => {
  await symlink(join(scratch, 'nowhere'), join(scratch, 'link'));
  await expect(makeFolder(join(scratch, 'link'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(scratch, 'link', 'below'))).rejects.toThrow();
});

it.runIf(process.platform === 'linux')('ends below /proc, where Node’s own never does', async () => {
  await expect(makeFolder('/proc/webssl/below')).rejects.toMatchObject({ code: 'ENOENT' });
});
