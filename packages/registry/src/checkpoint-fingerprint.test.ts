import { createHash } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { afterAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from './open-checkpoint.js';
import { copiedCheckpoint } from './testing/edited-checkpoint.js';

const made: string[] = [];
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))));

async function copied(name: string): Promise<string> {
  const folder = await copiedCheckpoint(goldenCheckpoint(name));
  made.push(folder);
  return folder;
}

const fingerprintOf = async (folder: string) => (await openCheckpoint(folder)).fingerprint();

describe('the fingerprint of a checkpoint', () => {
  it('is that of its copies, whatever their names, times and links', async () => {
    const folder = await copied('vit-tiny-p16');
    const weights = join(folder, 'model.safetensors');
    await utimes(weights, 1, 1);
    await link(weights, join(folder, 'again'));
    expect(await fingerprintOf(folder)).toBe(await fingerprintOf(goldenCheckpoint('vit-tiny-p16')));
  });

  it('is the same for a file of the hub cache, which is not read', async () => {
    const folder = await copied('vit-tiny-p16');
    const plain = await fingerprintOf(folder);
    const weights = join(folder, 'model.safetensors');
    const hash = createHash('sha256')
      .update(await readFile(weights))
      .digest('hex');
    await mkdir(join(folder, 'blobs'));
    await rename(weights, join(folder, 'blobs', hash));
    await symlink(join('blobs', hash), weights);
    expect(await fingerprintOf(folder)).toBe(plain);
  });

  it('changes with one bit of the weights, though length and times stay', async () => {
    const folder = await copied('vit-tiny-p16');
    const before = await fingerprintOf(folder);
    const file = await open(join(folder, 'model.safetensors'), 'r+');
    const { size, atime, mtime } = await file.stat();
    const last = Buffer.alloc(1);
    await file.read(last, 0, 1, size - 1);
    await file.write(Buffer.from([(last[0] ?? 0) ^ 1]), 0, 1, size - 1);
    await file.utimes(atime, mtime);
    await file.close();
    expect(await fingerprintOf(folder)).not.toBe(before);
  });

  it('ends with its signal', async () => {
    const checkpoint = await openCheckpoint(await copied('vit-tiny-p16'));
    await expect(checkpoint.fingerprint(AbortSignal.abort(new Error('enough')))).rejects.toThrow();
  });
});
