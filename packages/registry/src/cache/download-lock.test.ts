import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { acquireDownloadLock, tryDownloadLock } from './download-lock.js';
import { lockProcesses } from './testing/lock-process.js';
import { python, pythonObstacle } from './testing/python-client.js';
import { asOrdinaryUser, failure, hubFile, sampleCache } from './testing/sample-cache.js';

const weights = hubFile('model.safetensors', 'weights');
const hasFlock =
  process.platform !== 'win32' &&
  works(() => execFileSync('flock', ['-n', import.meta.filename, 'true'], { stdio: 'ignore' }));

function works(operation: () => unknown): boolean {
  try {
    operation();
    return true;
  } catch {
    return false;
  }
}

const sample = sampleCache();
const processes = lockProcesses();
afterEach(() => {
  vi.unstubAllEnvs();
});
const file = () => sample.lock(weights);
const other = () => processes.start('download-lock.js', 'acquireDownloadLock', file());

/** As on a system without the program. */
function hideFlock(): void {
  vi.stubEnv('PATH', sample.parent());
}

/** As on a file system that does not know the kernel's locks: the program says so. */
async function breakFlock(): Promise<void> {
  const program = join(sample.parent(), 'flock');
  await writeFile(program, '#!/bin/sh\nexit 71\n');
  await chmod(program, 0o755);
  vi.stubEnv('PATH', [sample.parent(), process.env['PATH']].join(delimiter));
}

describe.each([
  ["the kernel's lock", hasFlock, async () => {}],
  ['the lock where there is no flock', true, async () => hideFlock()],
  ['the lock where flock fails', process.platform !== 'win32', breakFlock],
])('%s', (_, isPossible, prepare) => {
  const test = isPossible ? it : it.skip;

  test('is held by one process at a time; the next one gets it when it is released', async () => {
    await prepare();
    const holder = other();
    await holder.said('locked');
    expect(await tryDownloadLock(file())).toBeUndefined();
    const onWait = vi.fn();
    const waiting = acquireDownloadLock(file(), { onWait });
    await vi.waitFor(() => expect(onWait).toHaveBeenCalled());
    await holder.end();
    const lock = await waiting;
    expect(onWait).toHaveBeenCalledTimes(1);
    expect(lock.lost.aborted).toBe(false);

    const next = other();
    await next.said('waiting');
    await lock.release();
    await next.said('locked');
  });

  test('is held once within a process, too', async () => {
    await prepare();
    const lock = await acquireDownloadLock(file());
    expect(await tryDownloadLock(file())).toBeUndefined();
    await lock.release();
    await lock.release();
    const again = await tryDownloadLock(file());
    expect(again).toBeDefined();
    await again?.release();
  });

  test('is free when its holder is killed', async () => {
    await prepare();
    const holder = other();
    await holder.said('locked');
    const waiting = acquireDownloadLock(file());
    await holder.kill('SIGKILL');
    await (await waiting).release();
  });

  test('does not keep its holder alive, and is free when that ends without a release', async () => {
    await prepare();
    const holder = processes.start('download-lock.js', 'acquireDownloadLock', file(), 'careless');
    await holder.said('locked');
    await holder.end();
    expect(holder.process.exitCode).toBe(0);
    await (await acquireDownloadLock(file())).release();
  });

  test('is waited for until the signal aborts', async () => {
    await prepare();
    const lock = await acquireDownloadLock(file());
    const controller = new AbortController();
    const reason = new Error('enough');
    const onWait = () => controller.abort(reason);
    await expect(acquireDownloadLock(file(), { signal: controller.signal, onWait })).rejects.toBe(reason);
    await expect(acquireDownloadLock(file(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const aborted = acquireDownloadLock(file(), { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    await lock.release();
    await (await acquireDownloadLock(file())).release();
  });

  test('is waited for until the listener throws', async () => {
    await prepare();
    const lock = await acquireDownloadLock(file());
    const refusal = new Error('of the listener');
    const onWait = () => {
      throw refusal;
    };
    await expect(acquireDownloadLock(file(), { onWait })).rejects.toBe(refusal);
    await lock.release();
    await (await acquireDownloadLock(file())).release();
  });

  test('is taken at once where it is free, without a word', async () => {
    await prepare();
    const onWait = vi.fn();
    const lock = await acquireDownloadLock(file(), { onWait });
    await sleep(300);
    expect(onWait).not.toHaveBeenCalled();
    await lock.release();
  });

  test('cannot be had in a cache that cannot be written', async () => {
    await prepare();
    const error = await asOrdinaryUser(() => failure(acquireDownloadLock(file())));
    expect(error.code).toBe('CACHE_UNWRITABLE');
  });
});

describe.skipIf(!hasFlock)("the kernel's lock", () => {
  it('is on a file that a group may write', async () => {
    const mask = process.umask(0o077);
    const lock = await acquireDownloadLock(file());
    process.umask(mask);
    expect((await stat(file())).mode & 0o777).toBe(0o664);
    await lock.release();
  });

  it('leaves the rights of a file that is there as they are', async () => {
    await (await acquireDownloadLock(file())).release();
    await chmod(file(), 0o600);
    await (await acquireDownloadLock(file())).release();
    expect((await stat(file())).mode & 0o777).toBe(0o600);
  });

  it.each([true, false])('is not on what a planted link leads to, which is there: %s', async (isThere) => {
    const target = join(sample.parent(), 'target');
    if (isThere) await writeFile(target, 'untouched', { mode: 0o600 });
    await mkdir(join(file(), '..'), { recursive: true });
    await symlink(target, file());
    const error = await failure(acquireDownloadLock(file()));
    expect(error.code).toBe('CACHE_UNWRITABLE');
    expect(error.message).toContain(file());
    expect((await readdir(sample.parent())).includes('target')).toBe(isThere);
    if (isThere) expect((await stat(target)).mode & 0o777).toBe(0o600);
  });

  it('is not waited for where the signal aborts while the file is opened', async () => {
    const lock = await acquireDownloadLock(file());
    const controller = new AbortController();
    const reason = new Error('enough');
    const { signal } = controller;
    const stopped = vi.spyOn(AbortSignal, 'any').mockImplementation(() => {
      const listen = signal.addEventListener.bind(signal);
      signal.addEventListener = (...parameters: Parameters<typeof listen>) => {
        controller.abort(reason);
        listen(...parameters);
      };
      return signal;
    });
    await expect(acquireDownloadLock(file(), { signal })).rejects.toBe(reason);
    stopped.mockRestore();
    await lock.release();
  });

  it('that was waited for on a file that is removed is taken on the new one', async () => {
    const holder = await acquireDownloadLock(file());
    const onWait = vi.fn();
    const waiting = acquireDownloadLock(file(), { onWait });
    await vi.waitFor(() => expect(onWait).toHaveBeenCalled());
    await rm(file());
    await holder.release();
    const lock = await waiting;
    expect(await tryDownloadLock(file())).toBeUndefined();
    await lock.release();
  });

  it('is the one of the program flock', async () => {
    const lock = await acquireDownloadLock(file());
    expect(works(() => execFileSync('flock', ['-n', file(), 'true']))).toBe(false);
    await lock.release();
    expect(works(() => execFileSync('flock', ['-n', file(), 'true']))).toBe(true);
  });
});

describe.skipIf(!hasFlock || pythonObstacle !== undefined)(
  `the Python client's lock${pythonObstacle === undefined ? '' : ` (${pythonObstacle})`}`,
  () => {
    const program = `
import sys
from huggingface_hub.utils import WeakFileLock
print("ready", flush=True)
with WeakFileLock(sys.argv[1]):
    print("locked", flush=True)
    sys.stdin.read()
`;

    it('keeps this client waiting', async () => {
      await mkdir(join(file(), '..'), { recursive: true });
      const holder = processes.run(python, ['-c', program, file()]);
      await holder.said('locked');
      expect(await tryDownloadLock(file())).toBeUndefined();
      const waiting = acquireDownloadLock(file());
      await holder.end();
      await (await waiting).release();
    });

    it('is waited for while this client has it', async () => {
      const lock = await acquireDownloadLock(file());
      const contender = processes.run(python, ['-c', program, file()]);
      await contender.said('ready');
      const outcome = contender.said('locked').then(() => 'locked');
      expect(await Promise.race([outcome, sleep(500)])).toBeUndefined();
      await lock.release();
      expect(await outcome).toBe('locked');
    });
  },
);

describe('the lock where there is no flock', () => {
  it('leaves nothing behind, least of all a file that other clients could take for their lock', async () => {
    for (const prepare of [hideFlock, breakFlock]) {
      await prepare();
      const lock = await acquireDownloadLock(file());
      expect(await readdir(join(file(), '..'))).toEqual([`${weights.hash.digest}.lock.webssl`]);
      await lock.release();
      expect(await readdir(join(file(), '..'))).toEqual([]);
    }
  });

  it('says who holds it', async () => {
    hideFlock();
    const lock = await acquireDownloadLock(file());
    expect(JSON.parse(await readFile(`${file()}.webssl`, 'utf8'))).toMatchObject({ pid: process.pid });
    await lock.release();
  });

  it('is abandoned when its last sign of life is long ago', async () => {
    hideFlock();
    const lock = await acquireDownloadLock(file());
    await utimes(`${file()}.webssl`, 1, 1);
    const taker = await tryDownloadLock(file());
    expect(taker).toBeDefined();
    await lock.release();
    expect(await tryDownloadLock(file())).toBeUndefined();
    await taker?.release();
  });
});
