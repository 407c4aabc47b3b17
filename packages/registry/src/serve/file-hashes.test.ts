import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FileHashes } from './file-hashes.js';
import type { OfferedFile } from './offered-files.js';
import { sha256 } from './testing/cache-on-disk.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webssl-hashes-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOnDisk(path: string, content: string | Buffer): Promise<OfferedFile> {
  const realPath = join(folder, path);
  await writeFile(realPath, content);
  const { size, mtimeMs } = await stat(realPath);
  return { path, realPath, bytes: size, modified: mtimeMs, namedHash: undefined };
}

it('gives a small file the id that git hash-object gives', async () => {
  const hash = await new FileHashes().hashOf(await fileOnDisk('small.txt', 'hello\n'));
  expect(hash).toEqual({ algorithm: 'git-sha1', digest: 'ce013625030ba8dba906f756967f9e9ca394464a' });
});

it('gives safetensors files and files above 10 MiB their SHA-256', async () => {
  const weights = await new FileHashes().hashOf(await fileOnDisk('w.safetensors', 'abc'));
  expect(weights).toEqual({
    algorithm: 'sha256',
    digest: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  });
  const content = randomBytes(10 * 1024 * 1024 + 1);
  const large = await new FileHashes().hashOf(await fileOnDisk('large.txt', content));
  expect(large).toEqual({ algorithm: 'sha256', digest: sha256(content) });
});

it("believes a blob's name without reading the blob", async () => {
  const namedHash = { algorithm: 'sha256', digest: 'f'.repeat(64) } as const;
  const file = { path: 'x', realPath: join(folder, 'nowhere'), bytes: 1, modified: 1, namedHash };
  expect(await new FileHashes().hashOf(file)).toEqual(namedHash);
});

it('computes once for each length and time of change', async () => {
  const hashes = new FileHashes();
  const first = await fileOnDisk('changing.txt', 'aaaa');
  const before = await hashes.hashOf(first);
  await writeFile(first.realPath, 'bbbb');
  expect(await hashes.hashOf(first)).toEqual(before);
  const touched = { ...first, modified: first.modified + 1 };
  expect((await hashes.hashOf(touched)).digest).not.toBe(before.digest);
});

it('tries again after a file could not be read', async () => {
  const hashes = new FileHashes();
  const file = {
    path: 'late.txt',
    realPath: join(folder, 'late.txt'),
    bytes: 6,
    modified: 1,
    namedHash: undefined,
  };
  await expect(hashes.hashOf(file)).rejects.toThrow('ENOENT');
  await writeFile(file.realPath, 'hello\n');
  expect((await hashes.hashOf(file)).digest).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
});
