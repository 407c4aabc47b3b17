import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generatedBytes } from '@webssl-tooling/hub-double';
import { describe, expect, it } from 'vitest';
import { acquireDownloadLock } from '../cache/download-lock.js';
import { openCheckpoint } from '../open-checkpoint.js';
import { failureOf } from '../testing/refusal.js';
import { mountObstacle, mountReadOnly } from './testing/mounts.js';
import {
  checkpointFiles,
  hubOf,
  id,
  isSame,
  modelOf,
  openCase,
  openHub,
  type PullCase,
} from './testing/pull-case.js';

const bytes = 4_000_000;
const reason = new Error('enough');

/** What may be left of a pull that did not come to its end: contents, parts with their journals, and locks. */
async function expectOnlyParts(pulled: PullCase): Promise<void> {
  expect(await pulled.visible()).toEqual([]);
  expect((await pulled.tree()).filter((path) => path.includes('refs'))).toEqual([]);
  const blobs = await readdir(join(pulled.repository(), 'blobs')).catch(() => []);
  const parts = blobs.filter((name) => !/^[0-9a-f]{40,64}$/.test(name)).sort();
  const weights = (await pulled.hub.describe(id, 'model.safetensors')).etag;
  const config = (await pulled.hub.describe(id, 'config.json')).etag;
  const allowed = [weights, config].flatMap((digest) => [
    `${digest}.webssl.incomplete`,
    `${digest}.webssl.journal`,
  ]);
  expect(allowed).toEqual(expect.arrayContaining(parts));
}

async function expectWhole(pulled: PullCase): Promise<void> {
  const { folder } = await pulled.pull();
  expect(await isSame(join(folder, 'model.safetensors'), generatedBytes(1, 0, bytes))).toBe(true);
  expect((await pulled.tree()).filter((path) => path.includes('.webssl'))).toEqual([]);
}

describe('a pull that is aborted', () => {
  it('before it begins does nothing', async () => {
    const pulled = await openCase(hubOf(modelOf(bytes)));
    expect(await failureOf(pulled.pull(id, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(pulled.hub.requests).toEqual([]);
    expect(await pulled.tree()).toEqual([]);
  });

  it.each([
    ['the hub is asked about the model', { path: '/api/' }],
    ['a small file is on its way', { path: '/config.json', method: 'GET' }],
    ['the storage is slow to answer', { on: 'cdn' }],
  ] as const)('while %s rejects with the reason', async (_name, where) => {
    const fault = { kind: 'delay', milliseconds: 60_000 } as const;
    const pulled = await openCase(hubOf(modelOf(bytes), { faults: [{ ...where, fault }] }));
    const stop = new AbortController();
    const pulling = failureOf(pulled.pull(id, { signal: stop.signal }));
    while (!pulled.hub.requests.some(({ fault: struck }) => struck !== undefined)) await sleep(2);
    stop.abort(reason);
    expect(await pulling).toBe(reason);
    await expectOnlyParts(pulled);
    await expectWhole(pulled);
  });

  it('while it waits before another try rejects with the reason', async () => {
    const headers = { 'Retry-After': '60' };
    const faults = [{ on: 'cdn', fault: { kind: 'status', status: 503, headers } } as const];
    const pulled = await openCase(hubOf(modelOf(bytes), { faults }));
    const stop = new AbortController();
    const retry = {
      attempts: 5,
      firstDelayMilliseconds: 1,
      longestDelayMilliseconds: 1,
      longestRetryAfterMilliseconds: 100_000,
    };
    const onPull = ({ kind }: { kind: string }) => kind === 'retry' && stop.abort(reason);
    expect(await failureOf(pulled.pull(id, { signal: stop.signal, retry, onPull }))).toBe(reason);
    await expectWhole(pulled);
  });

  it('while it waits for another process rejects with the reason', async () => {
    const pulled = await openCase(hubOf(modelOf(bytes)));
    const { etag } = await pulled.hub.describe(id, 'model.safetensors');
    const file = join(pulled.cache, '.locks', 'models--some-org--some-model', `${etag}.lock`);
    const lock = await acquireDownloadLock(file);
    const stop = new AbortController();
    const onPull = ({ kind }: { kind: string }) => kind === 'waiting' && stop.abort(reason);
    expect(await failureOf(pulled.pull(id, { signal: stop.signal, onPull }))).toBe(reason);
    expect(pulled.hub.bytesSent({ host: 'cdn' })).toBe(0);
    await lock.release();
    await expectWhole(pulled);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'at any time keeps what has come and nothing else, and goes on from there (%i)',
    async (number) => {
      const pulled = await openCase(hubOf(modelOf(bytes), { bytesPerSecond: 10_000_000 }));
      await pulled.hub.prepare();
      const stop = new AbortController();
      const pulling = pulled.pull(id, { signal: stop.signal }).catch((error: unknown) => error);
      // From the first request to after the last byte.
      const enough = (number * bytes) / 9;
      const isOver = pulling.then(() => true);
      while (pulled.hub.bytesSent({ host: 'cdn' }) < enough) {
        if (await Promise.race([isOver, sleep(1, false)])) break;
      }
      stop.abort(reason);
      if ((await pulling) === reason) await expectOnlyParts(pulled);
      const there = pulled.hub.bytesSent({ host: 'cdn' });
      pulled.hub.reset();
      await expectWhole(pulled);
      // What was handed to the socket and had not been read is all that may come twice.
      expect(there + pulled.hub.bytesSent({ host: 'cdn' }) - bytes).toBeLessThan(2 * 1024 * 1024);
    },
  );
});

it('an error of the caller, thrown while it is told something, ends the pull', async () => {
  const pulled = await openCase(hubOf(modelOf(bytes)));
  const onPull = ({ kind }: { kind: string }) => {
    if (kind === 'verified') throw reason;
  };
  expect(await failureOf(pulled.pull(id, { onPull }))).toBe(reason);
  await expectWhole(pulled);
});

const skipped = mountObstacle === undefined ? '' : ` (${mountObstacle})`;

describe.skipIf(mountObstacle !== undefined)(`a cache that cannot be written${skipped}`, () => {
  const files = checkpointFiles();

  it('and has the model serves it, by commit and by branch', async () => {
    const pulled = await openCase(hubOf(files));
    const first = await pulled.pull();
    const before = await pulled.tree();
    mountReadOnly(pulled.cache);
    expect(await pulled.pull()).toEqual(first);
    expect(await pulled.pull(id, { revision: first.revision ?? '' })).toEqual(first);
    expect((await openCheckpoint(id, pulled.options())).folder).toBe(first.folder);
    expect(await pulled.tree()).toEqual(before);
  });

  it('serves a branch that has moved to a commit that is there', async () => {
    const pulled = await openCase(hubOf(files));
    const { revision = '' } = await pulled.pull();
    const newer = {
      ...files,
      'config.json': await readFile(join((await pulled.pull()).folder, 'config.json')),
    };
    const moved = pulled.at(
      await openHub({ repositories: [{ id, commits: [{ files }, { files: newer }] }] }),
    );
    const second = (await moved.hub.describe(id, 'config.json')).commit;
    await moved.pull(id, { revision: second });
    mountReadOnly(pulled.cache);
    expect((await moved.pull()).revision).toBe(second);
    expect(await readFile(join(pulled.repository(), 'refs', 'main'), 'utf8')).toBe(revision);
  });

  it('and lacks the model is an error that says so', async () => {
    const pulled = await openCase(hubOf(files));
    await pulled.pull();
    const other = pulled.at(await openHub({ repositories: [{ id: 'other/model', commits: [{ files }] }] }));
    mountReadOnly(pulled.cache);
    expect(await failureOf(other.pull('other/model'))).toMatchObject({ code: 'CACHE_UNWRITABLE' });
    expect(other.requestedFiles()).toEqual([]);
  });
});
