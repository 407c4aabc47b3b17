import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeRejected, removeRejectedForSpace } from './rejected-file.js';
import { freshFolder } from './testing/download-case.js';

let folder = '';
beforeEach(async () => {
  folder = await freshFolder();
});
afterEach(() => rm(folder, { recursive: true }));

it('what an earlier download has put aside is removed, and nothing else', async () => {
  const destination = join(folder, 'blob');
  for (const name of ['blob.webssl.rejected', 'blob.webssl.incomplete', 'other.webssl.rejected']) {
    await writeFile(join(folder, name), 'x');
  }
  await removeRejected(destination);
  await removeRejected(destination);
  expect((await readdir(folder)).sort()).toEqual(['blob.webssl.incomplete', 'other.webssl.rejected']);
});

it('it stays where there is room', async () => {
  await writeFile(join(folder, 'blob.webssl.rejected'), 'x');
  await removeRejectedForSpace(join(folder, 'blob'));
  expect(await readdir(folder)).toEqual(['blob.webssl.rejected']);
});

it('what cannot be removed is told', async () => {
  await mkdir(join(folder, 'blob.webssl.rejected'));
  await expect(removeRejected(join(folder, 'blob'))).rejects.toMatchObject({ code: 'CACHE_UNWRITABLE' });
});
