import { createHash } from 'node:crypto';
import { appendFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FollowedHash } from './followed-hash.js';
import { buildTransfer } from './testing/built-transfer.js';
import { bytesFrom } from './testing/file-of.js';

const megabyte = 1024 * 1024;
const large = bytesFrom(1, 20 * megabyte + 17);

let folder = '';
let workerEntry = '';
let file = '';
beforeAll(async () => {
  ({ folder, workerEntry } = await buildTransfer());
  file = join(folder, 'data');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function follow(
  algorithm: 'sha256' | 'git-sha1',
  bytes: number | undefined,
  entry: string | URL = workerEntry,
): FollowedHash {
  return new FollowedHash({ file, algorithm, bytes, workerEntry: entry });
}

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

describe('FollowedHash', () => {
  // What `git hash-object` prints.
  it.each([
    ['', 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'],
    ['hello\n', 'ce013625030ba8dba906f756967f9e9ca394464a'],
  ])('gives %j the id that Git gives it', async (text, id) => {
    await writeFile(file, text);
    for (const bytes of [text.length, undefined]) {
      expect(await follow('git-sha1', bytes).finish(text.length, undefined)).toBe(id);
    }
  });

  it('hashes a large file while it grows', async () => {
    const hash = follow('sha256', large.length);
    await writeFile(file, large.subarray(0, 18 * megabyte));
    hash.advance(17 * megabyte);
    hash.advance(18 * megabyte);
    await appendFile(file, large.subarray(18 * megabyte));
    expect(await hash.finish(large.length, undefined)).toBe(sha256(large));
    await hash.close();
  });

  it.each([large.length, undefined])(
    'gives a large file a blob id, its length told before as %s',
    async (bytes) => {
      await writeFile(file, large);
      const hash = follow('git-sha1', bytes);
      hash.advance(18 * megabyte);
      const expected = createHash('sha1').update(`blob ${large.length}\0`).update(large).digest('hex');
      expect(await hash.finish(large.length, undefined)).toBe(expected);
      await hash.close();
    },
  );

  it('hashes a part of the file where that is all there is to it', async () => {
    await writeFile(file, large);
    expect(await follow('sha256', undefined).finish(1000, undefined)).toBe(sha256(large.subarray(0, 1000)));
  });

  it('rejects when the file is shorter than it was said to be', async () => {
    await writeFile(file, large);
    await truncate(file, 19 * megabyte);
    const failure = { code: 'HUB_HASH_FAILED', message: expect.stringContaining('ends at byte 19922944') };
    const hash = follow('sha256', large.length);
    await expect(hash.finish(large.length, undefined)).rejects.toMatchObject(failure);
    await truncate(file, 10);
    await expect(follow('sha256', 20).finish(20, undefined)).rejects.toMatchObject({
      code: 'HUB_HASH_FAILED',
      message: expect.stringContaining('ends at byte 10'),
    });
  });

  it.each([
    ['dies', 'process.exit(3);', 'ended early, with code 3'],
    ['ends without an answer', '', 'ended early, with code 0'],
    ['throws', 'throw new Error("no memory");', 'no memory'],
  ])('rejects when the thread %s', async (_, text, message) => {
    await writeFile(file, large);
    const entry = join(folder, 'bad-worker.mjs');
    await writeFile(entry, text);
    const hash = follow('sha256', large.length, entry);
    hash.advance(17 * megabyte);
    const failure = { code: 'HUB_HASH_FAILED', message: expect.stringContaining(message) };
    await expect(hash.finish(large.length, undefined)).rejects.toMatchObject(failure);
    expect(() => hash.advance(18 * megabyte)).toThrow(message);
    await hash.close();
  });

  it('finds its worker by the name of this package', async () => {
    await writeFile(file, large);
    const hash = new FollowedHash({ file, algorithm: 'sha256', bytes: large.length, workerEntry: undefined });
    expect(await hash.finish(large.length, undefined)).toBe(sha256(large));
    await hash.close();
  });

  it('rejects when there is no such worker', async () => {
    await writeFile(file, large);
    const hash = follow('sha256', large.length, join(folder, 'missing.mjs'));
    await expect(hash.finish(large.length, undefined)).rejects.toMatchObject({ code: 'HUB_HASH_FAILED' });
  });

  it('ends when the signal aborts', async () => {
    await writeFile(file, large);
    const entry = join(folder, 'idle-worker.mjs');
    await writeFile(entry, 'setInterval(() => undefined, 1000);');
    const stop = new AbortController();
    const hash = follow('sha256', large.length, entry);
    const digest = hash.finish(large.length, stop.signal);
    stop.abort();
    await expect(digest).rejects.toMatchObject({ code: 'HUB_HASH_FAILED' });
  });
});
