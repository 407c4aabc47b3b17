import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatSynced, formatWritten } from './journal-format.js';
import { openPart } from './part-file.js';
import { partPaths } from './part-paths.js';
import { partOf } from './part-state.js';
import { removeRejectedForSpace } from './rejected-file.js';
import { bytesFrom, sha256Of } from './testing/file-of.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'webssl-part-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const content = bytesFrom(1, 1000);
const facts = { bytes: content.length, hash: sha256Of(content) };
const never = { bytes: Number.POSITIVE_INFINITY, milliseconds: 1_000_000 };

async function freshDestination(): Promise<string> {
  return join(await mkdtemp(join(root, 'case-')), 'blob');
}

/** Leaves a part with these spans of the content, as a process does that ends in the middle. */
async function leave(destination: string, ...spans: readonly (readonly [number, number])[]): Promise<void> {
  const part = await openPart(destination, facts, never);
  for (const [start, end] of spans) await part.write([content.subarray(start, end)], start);
  await part.close();
}

/** Changes the journal as if the system had been started again since. */
async function reboot(destination: string): Promise<void> {
  const { journal } = partPaths(destination);
  const text = await readFile(journal, 'utf8');
  await writeFile(journal, text.replace(/"boot":"[^"]*"/, '"boot":"another"'));
}

const presentBytes = async (destination: string, other: object = {}) =>
  (await partOf(destination, { ...facts, ...other })).presentBytes;

describe('what an earlier try has left', () => {
  it('is nothing at first, and nothing is created before the first write', async () => {
    const destination = await freshDestination();
    const part = await openPart(destination, facts);
    await part.close();
    expect(await presentBytes(destination)).toBe(0);
    expect(await readdir(join(destination, '..'))).toEqual([]);
  });

  it('is every byte that was written, wherever it belongs', async () => {
    const destination = await freshDestination();
    await leave(destination, [0, 100], [500, 700]);
    await leave(destination, [100, 150]);
    const part = await openPart(destination, facts);
    expect(part.written.spans).toEqual([
      { start: 0, end: 150 },
      { start: 500, end: 700 },
    ]);
    const bytes = await readFile(part.paths.part);
    expect(bytes.subarray(500, 700)).toEqual(Buffer.from(content.subarray(500, 700)));
  });

  it('is after a reboot only what had reached the disk', async () => {
    const destination = await freshDestination();
    await leave(destination, [0, 100], [100, 300]);
    await writeFile(partPaths(destination).journal, formatSynced([{ start: 0, end: 100 }]), { flag: 'a' });
    await writeFile(partPaths(destination).journal, formatWritten({ start: 300, end: 310 }), { flag: 'a' });
    await reboot(destination);
    expect(await presentBytes(destination)).toBe(100);
    await leave(destination, [100, 120]);
    expect(await presentBytes(destination)).toBe(120);
    await reboot(destination);
    expect(await presentBytes(destination)).toBe(100);
  });

  it('is nothing where it belongs to another content or length', async () => {
    const destination = await freshDestination();
    await leave(destination, [0, 100]);
    expect(await presentBytes(destination, { hash: { algorithm: 'sha256', digest: 'other' } })).toBe(0);
    expect(await presentBytes(destination, { bytes: 999 })).toBe(0);
    expect(await presentBytes(destination, { bytes: undefined })).toBe(100);
  });

  it('is replaced when the new content is written', async () => {
    const destination = await freshDestination();
    await leave(destination, [0, 900]);
    const part = await openPart(destination, { ...facts, bytes: 20 }, never);
    await part.write([content.subarray(0, 10)], 0);
    await part.close();
    expect((await stat(part.paths.part)).size).toBe(10);
    expect(await presentBytes(destination, { bytes: 20 })).toBe(10);
  });

  it('is no more than the part really has', async () => {
    const destination = await freshDestination();
    await leave(destination, [0, 300], [500, 700]);
    await truncate(partPaths(destination).part, 550);
    expect(await presentBytes(destination)).toBe(350);
    await rm(partPaths(destination).part);
    expect(await presentBytes(destination)).toBe(0);
  });

  it('is nothing without a journal, or with a damaged one', async () => {
    const destination = await freshDestination();
    await leave(destination, [0, 300]);
    await writeFile(partPaths(destination).journal, bytesFrom(2, 500));
    expect(await presentBytes(destination)).toBe(0);
    await rm(partPaths(destination).journal);
    expect(await presentBytes(destination)).toBe(0);
  });

  it('is refused where it cannot be read', async () => {
    const destination = await freshDestination();
    await mkdir(partPaths(destination).journal);
    await expect(presentBytes(destination)).rejects.toMatchObject({ code: 'CACHE_UNWRITABLE' });
  });
});

describe('PartFile', () => {
  it('marks in the background what has reached the disk', async () => {
    const destination = await freshDestination();
    const part = await openPart(destination, facts, { bytes: 300, milliseconds: 1_000_000 });
    await part.write([content.subarray(0, 100), content.subarray(100, 250)], 0);
    await part.write([content.subarray(400, 500)], 400);
    await part.close();
    await reboot(destination);
    expect(await presentBytes(destination)).toBe(350);
  });

  it('marks it after a while, too', async () => {
    const destination = await freshDestination();
    const part = await openPart(destination, facts, { bytes: Number.POSITIVE_INFINITY, milliseconds: 5 });
    await part.write([content.subarray(0, 100)], 0);
    while (!(await readFile(part.paths.journal, 'utf8')).includes('[[0,100]]'));
    await part.close();
    await reboot(destination);
    expect(await presentBytes(destination)).toBe(100);
  });

  it('takes many writes at once, of more chunks than a system call takes', async () => {
    const destination = await freshDestination();
    const whole = bytesFrom(3, 100_000);
    const part = await openPart(destination, { bytes: whole.length, hash: sha256Of(whole) });
    const writes = Array.from({ length: 20 }, (_, index) => {
      const chunks = Array.from({ length: 5000 }, (_, at) =>
        whole.subarray(index * 5000 + at, index * 5000 + at + 1),
      );
      return part.write(chunks, index * 5000);
    });
    await Promise.all(writes);
    await part.complete(whole.length);
    await part.publish();
    expect(Buffer.compare(await readFile(destination), whole)).toBe(0);
    expect(await readdir(join(destination, '..'))).toEqual(['blob']);
  });

  it('puts a wrong file aside in the place of an older one', async () => {
    const destination = await freshDestination();
    await writeFile(partPaths(destination).rejected, 'older');
    const part = await openPart(destination, facts);
    await part.write([content], 0);
    await part.reject();
    expect(Buffer.compare(await readFile(part.paths.rejected), content)).toBe(0);
    expect(await readdir(join(destination, '..'))).toEqual(['blob.webssl.rejected']);
  });

  it.each(['part', 'journal', 'nextJournal'] as const)(
    'never writes through a link that somebody has planted: %s',
    async (name) => {
      for (const isThere of [true, false]) {
        const destination = await freshDestination();
        const path = partPaths(destination)[name];
        const target = join(await mkdtemp(join(root, 'target-')), 'file');
        if (isThere) await writeFile(target, 'untouched');
        await symlink(target, path);
        const writing = leave(destination, [0, 100]);
        if (name === 'nextJournal') await writing;
        else {
          await expect(writing).rejects.toMatchObject({
            code: 'CACHE_UNWRITABLE',
            message: expect.stringContaining(`${path} is a link`),
          });
        }
        expect(await readdir(join(target, '..'))).toEqual(isThere ? ['file'] : []);
        if (isThere) expect(await readFile(target, 'utf8')).toBe('untouched');
      }
    },
  );

  it('says when its folder is missing', async () => {
    const part = await openPart(join(root, 'nowhere', 'blob'), facts);
    await expect(part.write([content], 0)).rejects.toMatchObject({
      code: 'CACHE_UNWRITABLE',
      message: expect.stringContaining('ENOENT'),
    });
    await part.close();
  });
});

const mountPoint = await mkdtemp(join(tmpdir(), 'webssl-full-'));
const canMount =
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mountPoint], { stdio: 'ignore' }).status === 0;
afterAll(async () => {
  if (canMount) spawnSync('umount', [mountPoint]);
  await rm(mountPoint, { recursive: true, force: true });
});

it.skipIf(!canMount)(
  'keeps what is there when the disk becomes full (where a small one can be mounted)',
  async () => {
    const destination = join(mountPoint, 'blob');
    const large = bytesFrom(4, 3 * 1024 * 1024);
    const largeFacts = { bytes: large.length, hash: sha256Of(large) };
    const name = 'model.safetensors of some-org/some.model';
    const part = await openPart(destination, { ...largeFacts, name });
    await writeFile(part.paths.rejected, '');
    const quarter = 256 * 1024;
    let written = 0;
    const fill = async () => {
      for (; written < large.length; written += quarter) {
        await part.write([large.subarray(written, written + quarter)], written);
      }
    };
    await expect(fill()).rejects.toMatchObject({
      code: 'HUB_DISK_FULL',
      message: expect.stringMatching(
        new RegExp(
          `^${name} .*ENOSPC.* of 3145728 bytes are there and stay, \\d+ bytes are missing.* ${part.paths.rejected} may be deleted`,
        ),
      ),
      details: { file: destination },
    });
    await part.close();
    expect(written).toBeGreaterThan(0);
    expect(await partOf(destination, largeFacts)).toEqual({ presentBytes: written });
  },
);

it.skipIf(!canMount)(
  'keeps a rejected file only where there is room for another (where a small disk can be mounted)',
  async () => {
    for (const name of await readdir(mountPoint)) await rm(join(mountPoint, name));
    const destination = join(mountPoint, 'blob');
    const { rejected } = partPaths(destination);
    await removeRejectedForSpace(destination);
    await writeFile(rejected, bytesFrom(5, 400 * 1024));
    await removeRejectedForSpace(destination);
    expect(await readdir(mountPoint)).toEqual(['blob.webssl.rejected']);
    await writeFile(rejected, bytesFrom(5, 600 * 1024));
    await removeRejectedForSpace(destination);
    expect(await readdir(mountPoint)).toEqual([]);
  },
);
