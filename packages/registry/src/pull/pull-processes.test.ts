import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { generatedBytes } from '@webssl-tooling/hub-double';
import { describe, expect, it } from 'vitest';
import { hubOf, id, isSame, modelOf, openCase, type PullCase } from './testing/pull-case.js';
import { type PullProcess, pullProcesses, type ToldEvent } from './testing/pull-process.js';

const processes = pullProcesses();
const seed = 5;

const start = (pulled: PullCase): PullProcess => processes.start(id, pulled.options());

/** A progress event that tells at least so many bytes. */
const reached = (bytes: number) => (event: ToldEvent) =>
  event.kind === 'progress' && event.presentBytes >= bytes;

async function expectModel(pulled: PullCase, child: PullProcess, bytes: number): Promise<void> {
  const outcome = await child.outcome;
  expect(outcome).toMatchObject({ kind: 'done' });
  const folder = outcome?.kind === 'done' ? outcome.folder : '';
  expect(await isSame(join(folder, 'model.safetensors'), generatedBytes(seed, 0, bytes))).toBe(true);
  expect(await readdir(join(pulled.repository(), 'blobs'))).toHaveLength(
    new Set(
      await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).ino)),
    ).size,
  );
}

/** What is on disk by the plan of a process, and by the last word of one. */
const planned = ({ events }: PullProcess) => events.find((event) => event.kind === 'plan')?.presentBytes ?? 0;
const lastTold = ({ events }: PullProcess) =>
  events.findLast((event) => event.kind === 'progress')?.presentBytes ?? 0;

describe('a process that is killed', () => {
  /**
   * What one connection may lose at a kill: what the kernel holds between the two (on loopback a few hundred kilobytes
   * up to some megabytes, when the client is late), and the two buffers of 1 MiB of which a write is under way and the
   * other is being filled.
   */
  const inFlight = 4 * 1024 * 1024;
  const connections = 4;

  it('at any point loses nothing that was written: the next one fetches only the rest', async () => {
    const bytes = 200_000_000;
    const pulled = await openCase(hubOf(modelOf(bytes, seed), { bytesPerSecond: 25_000_000 }));
    await pulled.hub.prepare();
    const kills = [0.05, 0.3, 0.55, 0.8];
    let told = 0;
    for (const share of kills) {
      const child = start(pulled);
      await child.until(reached(share * bytes));
      await child.kill();
      expect(planned(child)).toBeGreaterThanOrEqual(told);
      told = lastTold(child);
      expect(await pulled.visible()).toEqual([]);
    }
    const sentBefore = pulled.hub.bytesSent({ host: 'cdn' });
    pulled.hub.reset();
    const last = start(pulled);
    await expectModel(pulled, last, bytes);
    expect(planned(last)).toBeGreaterThanOrEqual(told);
    expect(sentBefore - planned(last)).toBeLessThanOrEqual(kills.length * connections * inFlight);
    // The two configurations have 2 bytes each and are there.
    expect(pulled.hub.bytesSent({ host: 'cdn' })).toBe(bytes + 4 - planned(last));
    expect(lastTold(last)).toBe(bytes + 4);
  });

  it('when the weights are whole leaves nothing to fetch', async () => {
    const bytes = 1_000_000;
    const pulled = await openCase(hubOf(modelOf(bytes, seed)));
    const child = start(pulled);
    await child.until((event) => event.kind === 'verified' && event.path === 'model.safetensors');
    await child.kill();
    pulled.hub.reset();
    await expectModel(pulled, start(pulled), bytes);
    expect(pulled.requestedFiles()).toEqual([]);
  });
});

describe('processes that want the same model', () => {
  const bytes = 24_000_000;
  const isWaiting = (event: ToldEvent) => event.kind === 'waiting';

  it('at the same time fetch it once, and the one that waits says so', async () => {
    const pulled = await openCase(hubOf(modelOf(bytes, seed), { bytesPerSecond: 12_000_000 }));
    const one = start(pulled);
    await one.until(reached(1));
    const other = start(pulled);
    await expectModel(pulled, one, bytes);
    await expectModel(pulled, other, bytes);
    expect(pulled.hub.bytesSent({ host: 'cdn' })).toBe(bytes);
    expect(other.events.filter(isWaiting)).toEqual([{ kind: 'waiting', path: 'model.safetensors' }]);
    expect(one.events.some(isWaiting)).toBe(false);
    expect(lastTold(other)).toBe(bytes + 4);
  });

  it('that all begin at once fetch each file once', async () => {
    const pulled = await openCase(hubOf(modelOf(bytes, seed)));
    const all = [start(pulled), start(pulled), start(pulled)];
    for (const child of all) await expectModel(pulled, child, bytes);
    expect(pulled.hub.bytesSent({ host: 'cdn' })).toBe(bytes);
    expect(pulled.hub.bytesSent({ method: 'GET', path: 'config.json' })).toBe(4);
  });

  it('go on where the first one stopped, when it is killed', async () => {
    const pulled = await openCase(hubOf(modelOf(bytes, seed), { bytesPerSecond: 8_000_000 }));
    const one = start(pulled);
    await one.until(reached(bytes / 4));
    const other = start(pulled);
    await other.until(isWaiting);
    await one.kill();
    const kept = lastTold(one);
    pulled.hub.reset();
    await expectModel(pulled, other, bytes);
    expect(pulled.hub.bytesSent({ host: 'cdn' })).toBeLessThanOrEqual(bytes + 4 - kept);
  });
});
