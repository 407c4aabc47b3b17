import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startLivezWatch } from './livez-watch.js';
import { type Behaviour, startStandIn } from './testing.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livez-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function watchStandIn(behaviour: Behaviour, milliseconds: number): Promise<readonly number[]> {
  const standIn = await startStandIn(behaviour);
  const watch = await startLivezWatch(standIn.address, folder);
  try {
    return (await watch.during(() => sleep(milliseconds))).milliseconds;
  } finally {
    await watch.stop();
    await standIn.stop();
  }
}

it('goes on asking while an answer is late', async () => {
  let count = 0;
  const times = await watchStandIn((response) => {
    const delay = count++ === 1 ? 400 : 0;
    setTimeout(() => response.end(), delay);
  }, 300);
  expect(times.length).toBeGreaterThan(2);
  expect(Math.max(...times)).toBeGreaterThanOrEqual(390);
});

it('fails when the server says that it is not alive', async () => {
  const watching = watchStandIn((response) => response.writeHead(503).end(), 100);
  await expect(watching).rejects.toThrow(/\/livez was answered with 503/);
});
