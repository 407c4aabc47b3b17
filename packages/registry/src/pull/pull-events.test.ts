import { describe, expect, it } from 'vitest';
import { refusalOf } from '../testing/refusal.js';
import {
  catalogueId,
  checkpointFiles,
  hubOf,
  id,
  modelOf,
  oneTry,
  openCase,
  type PullCase,
  pinned,
} from './testing/pull-case.js';

const files = checkpointFiles();
const bytes = 4_000_000;

/** What is there grows, but for what is thrown away when it is not what it should be; at the end all is there. */
function expectSteadyProgress({ events }: PullCase, totalBytes: number): void {
  let least = events.find((event) => event.kind === 'plan')?.presentBytes ?? 0;
  let ended = 0;
  for (const event of events) {
    if (event.kind === 'rejected') least = 0;
    if (event.kind !== 'progress') continue;
    expect(event.presentBytes).toBeGreaterThanOrEqual(least);
    least = event.presentBytes;
    ended = event.presentBytes;
    expect(event.totalBytes).toBe(totalBytes);
    expect(event.bytesPerSecond).toBeGreaterThanOrEqual(0);
    expect(event.secondsLeft === undefined || event.secondsLeft >= 0).toBe(true);
  }
  expect(ended).toBe(totalBytes);
}

describe('the plan', () => {
  it('comes first, with the licence of the catalogue', async () => {
    const pulled = await openCase({
      repositories: [{ id: catalogueId, license: 'mit', commits: [{ commit: pinned, files }] }],
    });
    let requestsBefore: readonly string[] = [];
    await pulled.pull(catalogueId, {
      onPull: (event) => {
        if (event.kind === 'plan') requestsBefore = pulled.requestedFiles();
        pulled.events.push(event);
      },
    });
    const [plan, ...more] = pulled.told('plan');
    expect(pulled.events[0]).toBe(plan);
    expect(more).toEqual([]);
    expect(requestsBefore).toEqual([]);
    const described = await Promise.all(
      ['config.json', 'preprocessor_config.json', 'model.safetensors'].map(async (path) => {
        const { bytes: length, etag, lfs } = await pulled.hub.describe(catalogueId, path, pinned);
        const hash = { algorithm: lfs ? 'sha256' : 'git-sha1', digest: etag };
        return { path, bytes: length, hash, presentBytes: 0 };
      }),
    );
    expect(plan).toEqual({
      kind: 'plan',
      id: catalogueId,
      revision: pinned,
      commit: pinned,
      endpoint: pulled.hub.endpoint,
      license: 'CC-BY-NC-4.0',
      files: described,
      totalBytes: described.reduce((sum, file) => sum + file.bytes, 0),
      presentBytes: 0,
    });
  });

  it.each([['apache-2.0'], [undefined]])(
    'of another model tells the licence of its card: %s',
    async (license) => {
      const named = license === undefined ? {} : { license };
      const pulled = await openCase({ repositories: [{ id, ...named, commits: [{ files }] }] });
      await pulled.pull();
      expect(pulled.told('plan')[0]).toMatchObject({ id, revision: 'main', license });
    },
  );

  it('counts what an earlier try has left, and what is whole', async () => {
    const fault = { kind: 'drop', afterBytes: 1_000_000 } as const;
    const pulled = await openCase(hubOf(modelOf(bytes), { faults: [{ on: 'cdn', fault }] }));
    const error = await refusalOf(pulled.pull(id, { retry: oneTry }));
    const left = Number(error.details['presentBytes']);
    expect(left).toBeGreaterThan(0);
    pulled.events = [];
    await pulled.pull();
    const [plan] = pulled.told('plan');
    expect(plan).toMatchObject({ totalBytes: bytes + 4, presentBytes: left + 4 });
    expect(plan?.files.map(({ presentBytes }) => presentBytes)).toEqual([2, 2, left]);
    expectSteadyProgress(pulled, bytes + 4);
  });
});

describe('progress', () => {
  it('only grows and ends at the total', async () => {
    const pulled = await openCase(hubOf(modelOf(bytes), { bytesPerSecond: 4_000_000 }));
    await pulled.pull();
    expect(pulled.told('progress').length).toBeGreaterThan(2);
    expectSteadyProgress(pulled, bytes + 4);
    expect(pulled.told('progress').some(({ bytesPerSecond }) => bytesPerSecond > 0)).toBe(true);
  });

  it('goes back when bytes are rejected, and ends at the total all the same', async () => {
    const faults = [{ on: 'cdn', fault: { kind: 'alter', offset: 1000 } } as const];
    const pulled = await openCase(hubOf(modelOf(bytes), { faults, bytesPerSecond: 10_000_000 }));
    await pulled.pull();
    expect(pulled.told('rejected')).toHaveLength(1);
    expectSteadyProgress(pulled, bytes + 4);
  });

  it('ends at the total where a server ignores ranges and breaks off', async () => {
    const faults = [1, 2, 3].map(
      (place) => ({ on: 'cdn', fault: { kind: 'drop', afterBytes: place * 1_000_000 } }) as const,
    );
    const pulled = await openCase(hubOf(modelOf(bytes), { faults, mirror: { ignoreRanges: true } }));
    await pulled.pull();
    expectSteadyProgress(pulled, bytes + 4);
  });

  it('counts the shards that the index names, and no others', async () => {
    const sharded = checkpointFiles('vit-tiny-sharded');
    const stray = { 'model-00003-of-00003.safetensors': { bytes: 500_000 } };
    const pulled = await openCase(hubOf({ ...sharded, ...stray }));
    await pulled.pull();
    const lengths = await Promise.all(
      Object.keys(sharded).map(async (path) => (await pulled.hub.describe(id, path)).bytes),
    );
    const total = lengths.reduce((sum, length) => sum + length, 0);
    expect(pulled.told('progress').at(-1)).toMatchObject({ presentBytes: total, totalBytes: total });
  });

  it('ends at the total where nobody tells lengths', async () => {
    const mirror = {
      withoutApi: true,
      withoutLength: true,
      ignoreRanges: true,
      withoutHeaders: ['X-Linked-Size'],
    };
    const pulled = await openCase(hubOf(modelOf(bytes), { mirror }));
    await pulled.pull();
    expect(pulled.told('plan')[0]).toMatchObject({ totalBytes: 0 });
    expect(pulled.told('progress').at(-1)).toMatchObject({ presentBytes: bytes + 4, totalBytes: bytes + 4 });
    expect(pulled.told('verified').map((event) => event.bytes)).toEqual([2, 2, bytes]);
  });
});

it('each file is told when it is verified, by what', async () => {
  const pulled = await openCase(hubOf(files));
  await pulled.pull();
  const expected = await Promise.all(
    ['config.json', 'preprocessor_config.json', 'model.safetensors'].map(async (path) => {
      const { bytes: length, etag } = await pulled.hub.describe(id, path);
      const algorithm = path.endsWith('.json') ? 'git-sha1' : 'sha256';
      return { kind: 'verified', path, bytes: length, algorithm, digest: etag };
    }),
  );
  expect(pulled.told('verified')).toEqual(expected);
});

it('each wait before another try is told, with the file where it is one', async () => {
  const faults = [
    { on: 'hub', path: '/api/', fault: { kind: 'status', status: 503 } },
    { on: 'cdn', fault: { kind: 'drop', afterBytes: 100_000 } },
  ] as const;
  const pulled = await openCase(hubOf(modelOf(bytes), { faults }));
  await pulled.pull();
  expect(pulled.told('retry')).toMatchObject([
    { path: undefined, failures: 1, attempts: 10, reason: expect.stringContaining('503') },
    { path: 'model.safetensors', failures: 1, attempts: 10, reason: expect.stringContaining('closed') },
  ]);
});
