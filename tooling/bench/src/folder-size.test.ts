import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { folderSize } from './folder-size.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-size-'));
});

afterEach(() => rm(folder, { recursive: true }));

it('adds up files at every depth', async () => {
  await mkdir(join(folder, 'a', 'b'), { recursive: true });
  await writeFile(join(folder, 'one'), Buffer.alloc(1000));
  await writeFile(join(folder, 'a', 'b', 'two'), Buffer.alloc(234));
  expect(await folderSize(folder)).toBe(1234);
});

it('counts a file once, however many links lead to it', async () => {
  await writeFile(join(folder, 'file'), Buffer.alloc(1000));
  await link(join(folder, 'file'), join(folder, 'hard'));
  await symlink(join(folder, 'file'), join(folder, 'soft'));
  expect(await folderSize(folder)).toBe(1000);
});

it('is 0 for a folder that is not there', async () => {
  expect(await folderSize(join(folder, 'nothing'))).toBe(0);
});
