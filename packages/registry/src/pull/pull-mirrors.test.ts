import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { generatedBytes, type MirrorQuirks } from '@webssl-tooling/hub-double';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../testing/refusal.js';
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

const files = checkpointFiles();
const golden = goldenCheckpoint('vit-tiny-p14');

async function expectGolden(folder: string): Promise<void> {
  expect((await readdir(folder)).sort()).toEqual(Object.keys(files).sort());
  for (const path of Object.keys(files))
    expect(await isSame(join(folder, path), await readFile(join(golden, path)))).toBe(true);
}

const commitOf = async ({ hub }: PullCase) => (await hub.describe(id, 'config.json')).commit;

describe('a mirror', () => {
  it.each<[string, MirrorQuirks]>([
    ['without lengths', { withoutLength: true }],
    ['without X-Repo-Commit', { withoutHeaders: ['X-Repo-Commit'] }],
    ['without ETag of files', { withoutHeaders: ['ETag'] }],
    ['without X-Linked headers', { withoutHeaders: ['X-Linked-Etag', 'X-Linked-Size'] }],
    ['without Accept-Ranges', { withoutHeaders: ['Accept-Ranges'] }],
    ['without an API', { withoutApi: true }],
    ['without an API and lengths', { withoutApi: true, withoutLength: true }],
    ['without an API and X-Linked-Size', { withoutApi: true, withoutHeaders: ['X-Linked-Size'] }],
    ['that serves large files itself', { withoutCdn: true }],
    ['that compresses', { gzip: true }],
    ['that compresses large files too', { gzip: true, withoutCdn: true }],
    ['that ignores ranges', { ignoreRanges: true }],
    ['that refuses ranges', { refuseRanges: true }],
  ])('%s gives the model', async (_name, mirror) => {
    const pulled = await openCase(hubOf(files, { mirror }));
    await expectGolden((await pulled.pull()).folder);
  });

  const flags = [0, 1, 2, 3, 4].map((bit) => (mask: number) => (mask & (1 << bit)) !== 0);
  const [lengths, commits, api, cdn, gzip] = flags;
  const combinations = Array.from(
    { length: 32 },
    (_, mask): MirrorQuirks => ({
      withoutLength: lengths?.(mask) ?? false,
      withoutHeaders: commits?.(mask) ? ['X-Repo-Commit'] : [],
      withoutApi: api?.(mask) ?? false,
      withoutCdn: cdn?.(mask) ?? false,
      gzip: gzip?.(mask) ?? false,
    }),
  );

  it.each<[string, MirrorQuirks]>([
    ['serves', {}],
    ['ignores', { ignoreRanges: true }],
    ['refuses', { refuseRanges: true }],
  ])(
    'that %s ranges gives a commit, however many of the other quirks it has, and over a connection that breaks',
    async (_name, ranges) => {
      for (const quirks of combinations) {
        const mirror = { ...quirks, ...ranges };
        const drop = {
          path: 'model.safetensors',
          method: 'GET',
          fault: { kind: 'drop', afterBytes: 500_000 },
        } as const;
        const pulled = await openCase(hubOf(files, { mirror, faults: [drop] }));
        const revision = await commitOf(pulled);
        const told = JSON.stringify(mirror);
        const model = await pulled.pull(id, { revision }).catch((error: unknown) => {
          throw new Error(told, { cause: error });
        });
        expect(model.revision, told).toBe(revision);
        await expectGolden(model.folder);
        expect(
          pulled.hub.requests.some(({ fault }) => fault?.kind === 'drop'),
          told,
        ).toBe(true);
      }
    },
  );

  it('without an API and X-Repo-Commit cannot tell what a branch is, and says what to do', async () => {
    const mirror = { withoutApi: true, withoutHeaders: ['X-Repo-Commit'] };
    const pulled = await openCase(hubOf(files, { mirror }));
    const error = await refusalOf(pulled.pull());
    expect(error.code).toBe('HUB_RESPONSE_INVALID');
    expect(error.message).toMatch(/X-Repo-Commit.*Name the commit/);
  });

  it('without an API gives a model in shards', async () => {
    const pulled = await openCase(
      hubOf(checkpointFiles('vit-tiny-sharded'), { mirror: { withoutApi: true } }),
    );
    const { folder } = await pulled.pull();
    const sharded = goldenCheckpoint('vit-tiny-sharded');
    for (const path of await readdir(sharded))
      expect(await isSame(join(folder, path), await readFile(join(sharded, path)))).toBe(true);
  });

  it.each([
    [301, false, false],
    [302, true, false],
    [307, false, true],
    [308, true, true],
  ] as const)(
    'that hands on with %i (query dropped: %s, API too: %s) gives the model',
    async (status, dropQuery, api) => {
      const hub = await openHub(hubOf(files, { pageSize: 2 }));
      const mirror = { redirect: { endpoint: hub.endpoint, status, dropQuery, api } };
      const pulled = await openCase(hubOf(files, { mirror, pageSize: 2 }));
      await expectGolden((await pulled.pull()).folder);
      // The bytes come from the other one.
      expect(pulled.hub.bytesSent({ host: 'cdn' })).toBe(0);
      expect(hub.bytesSent({ host: 'cdn' })).toBeGreaterThan(0);
    },
  );
});

describe('a signed address', () => {
  const bytes = 6_000_000;

  it('that expires in the middle is asked for again', async () => {
    const drops = [1_000_000, 2_000_000].map(
      (afterBytes) => ({ on: 'cdn', fault: { kind: 'drop', afterBytes } }) as const,
    );
    const pulled = await openCase(hubOf(modelOf(bytes), { faults: drops }));
    const { folder } = await pulled.pull(id, {
      onPull: (event) => {
        if (event.kind === 'retry') pulled.hub.expireSignedUrls();
      },
    });
    expect(await isSame(join(folder, 'model.safetensors'), generatedBytes(1, 0, bytes))).toBe(true);
    expect(pulled.hub.requests.filter(({ status }) => status === 403)).toHaveLength(2);
    // What came before is not asked for again.
    expect(pulled.hub.bytesSent({ host: 'cdn' }) - bytes).toBeLessThan(bytes / 10);
  });

  it('is signed again for each file, and never asked for with a range that was had', async () => {
    const index = { weight_map: { a: 'one.safetensors', b: 'two.safetensors' } };
    const pulled = await openCase(
      hubOf({
        'config.json': '{}',
        'preprocessor_config.json': '{}',
        'model.safetensors.index.json': JSON.stringify(index),
        'one.safetensors': { bytes, seed: 1 },
        'two.safetensors': { bytes, seed: 2 },
      }),
    );
    await pulled.pull(id, {
      onPull: (event) => {
        if (event.kind === 'verified') pulled.hub.expireSignedUrls();
      },
    });
    expect(pulled.hub.bytesSent({ host: 'cdn' })).toBe(2 * bytes);
  });
});

describe('a hub that has too many requests', () => {
  const busy = (on: 'hub' | 'cdn', seconds: string) =>
    ({ on, fault: { kind: 'status', status: 429, headers: { 'Retry-After': seconds } } }) as const;

  it.each(['hub', 'cdn'] as const)('is left alone for as long as the %s asks', async (host) => {
    const pulled = await openCase(hubOf(files, { faults: [busy(host, '1')] }));
    await expectGolden((await pulled.pull()).folder);
    const [retry] = pulled.told('retry');
    expect(retry?.waitMilliseconds).toBeGreaterThanOrEqual(1000);
    expect(retry?.path).toBe(host === 'cdn' ? 'model.safetensors' : undefined);
    const [refused, next] = pulled.hub.requests.filter(
      (request, index, all) => request.status === 429 || all[index - 1]?.status === 429,
    );
    expect((next?.milliseconds ?? 0) - (refused?.milliseconds ?? 0)).toBeGreaterThan(900);
  });

  it.each(['hub', 'cdn'] as const)('and the %s asks to wait for an hour, is given up', async (host) => {
    const pulled = await openCase(hubOf(files, { faults: [busy(host, '3600')] }));
    const error = await refusalOf(pulled.pull());
    expect(error.code).toBe('HUB_RATE_LIMITED');
    expect(error.message).toContain('3600 s');
    expect(await pulled.visible()).toEqual([]);
  });
});

describe('a redirect', () => {
  it.each(['file:///etc/passwd', 'ftp://127.0.0.1/x', 'http://user:password@127.0.0.1/x'])(
    'to %s is refused',
    async (location) => {
      const fault = { kind: 'redirect', status: 302, location } as const;
      const pulled = await openCase(
        hubOf(files, { faults: [{ method: 'GET', path: 'model.safetensors', fault }] }),
      );
      const error = await refusalOf(pulled.pull());
      expect(error.code).toBe('HUB_REDIRECT_REFUSED');
      expect(error.message).not.toContain('password@');
      expect(await pulled.visible()).toEqual([]);
    },
  );
});
