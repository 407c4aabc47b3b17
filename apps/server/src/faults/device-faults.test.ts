import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../start-server.js';
import { askForCls, type FeatureReply } from '../testing/ask.js';
import { childrenOf, deviceProcessOf, isAlive } from '../testing/device-process.js';
import { ExpectedFeatures } from '../testing/expected-features.js';
import { numberedImage } from '../testing/numbered-image.js';
import { startTestServer } from '../testing/test-server.js';
import { until } from '../testing/until.js';

const canSeeProcesses = existsSync(`/proc/${process.pid}/task/${process.pid}/children`);
const obstacle = canSeeProcesses ? '' : ' (skipped: needs /proc, to find the process of the device)';
const runDeadline = 1000;

describe.skipIf(!canSeeProcesses)(`a device in a process of its own${obstacle}`, () => {
  let expected: ExpectedFeatures;
  let server: RunningServer;

  beforeAll(async () => {
    expected = await ExpectedFeatures.load();
    server = await startTestServer({
      encoder: { isolation: 'process', threads: 1, runDeadline },
      checkTimeout: 3000,
    });
    await server.ready;
  });
  afterAll(async () => {
    await server.close();
    await expected.close();
  });

  /** Every answer is either right or says when to ask again. */
  async function check(replies: readonly FeatureReply[]): Promise<void> {
    for (const [number, { status, cls, code, headers }] of replies.entries()) {
      if (status === 200) {
        expect(cls, `image ${number}`).toEqual(await expected.cls(numberedImage(number)));
        continue;
      }
      expect({ status, code }).toEqual({ status: 503, code: 'BACKEND_LOST' });
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
  }

  function askForMany(count: number): Promise<readonly FeatureReply[]> {
    return Promise.all(
      Array.from({ length: count }, (_, number) => askForCls(server.address, numberedImage(number))),
    );
  }

  async function readyStatus(): Promise<number> {
    const answer = await fetch(`${server.address}/readyz`);
    await answer.body?.cancel();
    return answer.status;
  }

  async function expectRecovery(): Promise<void> {
    await until('ready again', async () => (await readyStatus()) === 200);
    const reply = await askForCls(server.address, numberedImage(0));
    expect(reply.status).toBe(200);
    await check([reply]);
    await until('nothing is held', () => server.encoder.queue.held.bytes === 0);
  }

  it('that is killed between requests is not ready, and the next request is computed by another', async () => {
    process.kill(deviceProcessOf(server), 'SIGKILL');
    await until('not ready', async () => (await readyStatus()) === 503, 5000);
    const [reply] = await askForMany(1);
    expect(reply?.status).toBe(200);
    await check(reply === undefined ? [] : [reply]);
    await expectRecovery();
  });

  it('that is killed while it computes fails no request that can be computed again', async () => {
    const replies = askForMany(40);
    await until('it computes', () => server.encoder.queue.running > 0);
    process.kill(deviceProcessOf(server), 'SIGKILL');
    const answered = await replies;
    await check(answered);
    expect(answered.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    await expectRecovery();
  });

  it.each(['while it computes', 'while it waits'])(
    'that hangs %s is replaced after the deadline of a run',
    async (when) => {
      const hung = deviceProcessOf(server);
      let replies: Promise<readonly FeatureReply[]>;
      if (when === 'while it waits') {
        process.kill(hung, 'SIGSTOP');
        replies = askForMany(10);
      } else {
        replies = askForMany(10);
        await until('it computes', () => server.encoder.queue.running > 0);
        process.kill(hung, 'SIGSTOP');
      }
      await check(await replies);
      await until('the hung process is gone', () => !isAlive(hung));
      await expectRecovery();
      expect(deviceProcessOf(server)).not.toBe(hung);
    },
  );

  it('that hangs while it is opened again keeps nobody for longer than a deadline, and is opened anew', async () => {
    process.kill(deviceProcessOf(server), 'SIGKILL');
    const headers = { 'request-timeout': '1' };
    const replies = Array.from({ length: 3 }, (_, number) =>
      askForCls(server.address, numberedImage(number), { headers }),
    );
    let opening: number | undefined;
    await until('another is started', () => {
      [opening] = childrenOf(process.pid).filter(
        (child) => child !== deviceProcessOf(server) && isAlive(child),
      );
      return opening !== undefined;
    });
    if (opening !== undefined) process.kill(opening, 'SIGSTOP');
    for (const { status, code } of await Promise.all(replies)) {
      expect({ status, code }).toEqual({ status: 504, code: 'DEADLINE_EXCEEDED' });
    }
    await expectRecovery();
    expect(opening !== undefined && isAlive(opening)).toBe(false);
  });

  it('that dies whenever it is started is tried with growing pauses, and requests are told when', async () => {
    const killed = new Set<number>();
    const killer = setInterval(() => {
      for (const child of childrenOf(process.pid)) {
        if (killed.size === 5) break;
        if (killed.has(child) || !isAlive(child)) continue;
        killed.add(child);
        process.kill(child, 'SIGKILL');
      }
    }, 1);
    const replies: FeatureReply[] = [];
    try {
      while (killed.size < 5) {
        // Always the same number, which is the place in the list that `check` looks at.
        replies.push(await askForCls(server.address, numberedImage(replies.length)));
        await sleep(20);
      }
    } finally {
      clearInterval(killer);
    }
    await check(replies);
    const waits = replies
      .filter(({ status }) => status === 503)
      .map(({ headers }) => Number(headers.get('retry-after')));
    expect(Math.max(...waits)).toBeGreaterThan(1);
    expect(await readyStatus()).toBe(503);
    // The first request after the last pause is computed, and with it the device is known to be well.
    await until('computed again', async () => {
      await sleep(100);
      return (await askForCls(server.address, numberedImage(0))).status === 200;
    });
    await expectRecovery();
    expect(childrenOf(process.pid).filter(isAlive)).toEqual([deviceProcessOf(server)]);
  });
});
