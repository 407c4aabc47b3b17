import { readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { acquireHeartbeatLock, type HeartbeatTimes, tryHeartbeatLock } from './heartbeat-lock.js';
import { lockProcesses } from './testing/lock-process.js';
import { sampleCache } from './testing/sample-cache.js';

const sample = sampleCache();
const processes = lockProcesses();
const file = () => join(sample.path(), 'x.lock.webssl');
const quick: HeartbeatTimes = {
  beat: 50,
  staleAfter: 1_000,
  ancientAfter: 3_600_000,
  look: 20,
  noticeAfter: 50,
};

it('a holder shows that it lives, and is not taken over', async () => {
  const lock = await acquireHeartbeatLock(file(), {}, quick);
  await utimes(file(), 1, 1);
  await vi.waitFor(async () => expect((await stat(file())).mtimeMs).toBeGreaterThan(1_000));
  const waiting = acquireHeartbeatLock(file(), {}, quick);
  expect(await Promise.race([waiting, sleep(2 * quick.staleAfter)])).toBeUndefined();
  await lock.release();
  await (await waiting).release();
});

it('a holder that stands still is taken over, and finds out when it goes on', async () => {
  const holder = processes.start('heartbeat-lock.js', 'acquireHeartbeatLock', file());
  await holder.said('locked');
  holder.process.kill('SIGSTOP');
  const lock = await acquireHeartbeatLock(file(), {}, quick);
  holder.process.kill('SIGCONT');
  await holder.said('lost');
  await holder.end();
  expect(await tryHeartbeatLock(file())).toBeUndefined();
  await lock.release();
  expect(await readdir(sample.path())).toEqual([]);
});

it.each(['', 'damaged', '{"id":"x"}', JSON.stringify({ id: 'x', pid: process.pid, host: 'elsewhere' })])(
  'a file without a living holder is taken over after a while: %j',
  async (content) => {
    await writeFile(file(), content);
    expect(await tryHeartbeatLock(file(), quick)).toBeUndefined();
    await (await acquireHeartbeatLock(file(), {}, quick)).release();
  },
);

it('of many who find a lock abandoned, one gets it at a time', async () => {
  await writeFile(file(), 'abandoned');
  let holders = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const lock = await acquireHeartbeatLock(file(), {}, quick);
      most = Math.max(most, ++holders);
      await sleep(5);
      holders -= 1;
      await lock.release();
    }),
  );
  expect(most).toBe(1);
  expect(await readdir(sample.path())).toEqual([]);
});
