import { createHash } from 'node:crypto';
import type { HubDoubleFile, MirrorQuirks } from '@webssl-tooling/hub-double';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../testing/refusal.js';
import type { HubFile } from './hub-file.js';
import { clientFor, hubWith, id, serverOf } from './testing/test-hub.js';

const commit = 'c'.repeat(40);
const index = JSON.stringify({
  weight_map: { a: 'model-1-of-2.safetensors', b: 'model-2-of-2.safetensors', c: 'model-1-of-2.safetensors' },
});
const whole: Readonly<Record<string, HubDoubleFile>> = {
  'config.json': '{}',
  'preprocessor_config.json': '{"a":1}',
  'model.safetensors': { bytes: 2_000_000, seed: 7 },
  'pytorch_model.bin': { bytes: 1000, seed: 8 },
};
const sharded: Readonly<Record<string, HubDoubleFile>> = {
  'config.json': '{}',
  'model.safetensors.index.json': index,
  'model-1-of-2.safetensors': { bytes: 2_000_000, seed: 1 },
  'model-2-of-2.safetensors': { bytes: 2_000_000, seed: 2 },
};

async function mirrorOf(files: Readonly<Record<string, HubDoubleFile>>, quirks: MirrorQuirks = {}) {
  const repositories = [{ id, license: 'mit', commits: [{ commit, references: ['main'], files }] }];
  return await hubWith({}, { repositories, mirror: { withoutApi: true, ...quirks } });
}

/** The files as the double itself knows them. */
async function expected(
  hub: Awaited<ReturnType<typeof mirrorOf>>,
  paths: readonly string[],
): Promise<HubFile[]> {
  return Promise.all(
    paths.map(async (path) => {
      const { bytes, lfs, etag } = await hub.describe(id, path);
      return { path, bytes, hash: { algorithm: lfs ? 'sha256' : 'git-sha1', digest: etag } as const };
    }),
  );
}

describe('a mirror without an API', () => {
  it('tells the files of a model through their own headers', async () => {
    const hub = await mirrorOf(whole);
    expect(await clientFor(hub.endpoint).describe(id, 'main')).toEqual({
      id,
      revision: 'main',
      commit,
      license: undefined,
      files: await expected(hub, ['config.json', 'preprocessor_config.json', 'model.safetensors']),
    });
    expect(hub.requests.filter(({ host }) => host === 'cdn')).toEqual([]);
  });

  it('tells the shards through the index', async () => {
    const hub = await mirrorOf(sharded);
    const { files } = await clientFor(hub.endpoint).describe(id, 'main');
    expect(files).toEqual(
      await expected(hub, [
        'config.json',
        'model.safetensors.index.json',
        'model-1-of-2.safetensors',
        'model-2-of-2.safetensors',
      ]),
    );
  });

  it.each<[string, MirrorQuirks]>([
    ['no lengths', { withoutLength: true }],
    ['no linked lengths', { withoutHeaders: ['X-Linked-Size'] }],
    ['no lengths at all', { withoutLength: true, withoutHeaders: ['X-Linked-Size'] }],
    ['no redirects', { withoutCdn: true }],
    [
      'no linked hashes, and no redirects',
      { withoutCdn: true, withoutHeaders: ['X-Linked-Etag', 'X-Linked-Size'] },
    ],
    ['compression', { gzip: true }],
    ['compression and no linked lengths', { gzip: true, withoutHeaders: ['X-Linked-Size'] }],
  ])('with %s tells hashes and lengths', async (_, quirks) => {
    const hub = await mirrorOf(whole, quirks);
    const { files } = await clientFor(hub.endpoint).describe(id, 'main');
    const known = await expected(hub, ['config.json', 'preprocessor_config.json', 'model.safetensors']);
    expect(files.map(({ path, hash }) => ({ path, hash }))).toEqual(
      known.map(({ path, hash }) => ({ path, hash })),
    );
    // Compressed files have a length that nothing tells; the others' is told, or found by asking for one byte.
    for (const [place, { path, bytes }] of files.entries()) {
      expect([known[place]?.bytes, quirks.gzip ? undefined : 0], path).toContain(bytes);
    }
    expect(files.at(-1)?.bytes).toBe(2_000_000);
  });

  it('with neither lengths nor ranges leaves lengths open', async () => {
    const quirks = { withoutLength: true, withoutHeaders: ['X-Linked-Size', 'Content-Length'] };
    for (const ranges of [{ ignoreRanges: true }, { refuseRanges: true }]) {
      const hub = await mirrorOf(whole, { ...quirks, ...ranges });
      const { files } = await clientFor(hub.endpoint).describe(id, 'main');
      expect(files.map(({ bytes }) => bytes)).toEqual([undefined, undefined, undefined]);
    }
  });

  it('that says a length of 0 is not believed, except of an empty file', async () => {
    const etags: Readonly<Record<string, string>> = {
      'config.json': 'a'.repeat(40),
      'preprocessor_config.json': createHash('sha1').update('blob 0\0').digest('hex'),
    };
    const endpoint = await serverOf((request, response) => {
      const name = request.url?.split('/').at(-1) ?? '';
      const etag = etags[name];
      if (etag === undefined) return response.writeHead(404).end();
      response.setHeader('ETag', `"${etag}"`).setHeader('X-Repo-Commit', commit);
      if (request.method === 'HEAD') return response.setHeader('Content-Length', 0).end();
      return response.writeHead(206, { 'Content-Range': 'bytes 0-0/2166' }).end('x');
    });
    const { files } = await clientFor(endpoint).describe(id, 'main');
    expect(files.map(({ bytes }) => bytes)).toEqual([2166, 0]);
  });

  it('that hands everything to another hub is followed there, without the token', async () => {
    const hub = await mirrorOf(whole);
    for (const status of [301, 302, 307, 308] as const) {
      const mirror = await mirrorOf(whole, { redirect: { endpoint: hub.endpoint, status } });
      const repository = await clientFor(mirror.endpoint, { token: 'hf_secret' }).describe(id, 'main');
      expect(repository).toMatchObject({ commit });
      expect(repository.files).toHaveLength(3);
      expect(mirror.requests.every(({ authorization }) => authorization === 'Bearer hf_secret')).toBe(true);
    }
    expect(hub.requests.length).toBeGreaterThan(0);
    expect(hub.requests.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
  });

  it('that tells no commit is usable with a commit, not with a branch', async () => {
    const hub = await mirrorOf(whole, { withoutHeaders: ['X-Repo-Commit'] });
    expect(await clientFor(hub.endpoint).describe(id, commit)).toMatchObject({ commit });
    const error = await refusalOf(clientFor(hub.endpoint).describe(id, 'main'));
    expect(error.code).toBe('HUB_RESPONSE_INVALID');
    expect(error.message).toContain('does not tell which commit');
  });

  it('that tells no hash is refused: nothing could be verified', async () => {
    const hub = await mirrorOf(whole, { withoutHeaders: ['ETag', 'X-Linked-Etag'] });
    const error = await refusalOf(clientFor(hub.endpoint).describe(id, 'main'));
    expect(error.code).toBe('HUB_RESPONSE_INVALID');
    expect(error.message).toContain('cannot be verified');
  });

  it('that serves files of different commits is refused', async () => {
    const endpoint = await serverOf((request, response) => {
      const isConfig = request.url?.endsWith('/config.json');
      if (request.url?.startsWith('/api') || request.url?.endsWith('index.json'))
        return response.writeHead(404).end();
      return response
        .writeHead(200, {
          'X-Repo-Commit': (isConfig ? 'd' : 'e').repeat(40),
          ETag: `"${'a'.repeat(40)}"`,
          'Content-Length': 2,
        })
        .end();
    });
    const error = await refusalOf(clientFor(endpoint).describe(id, 'main'));
    expect(error.code).toBe('HUB_RESPONSE_INVALID');
    expect(error.message).toContain('different commits');
  });

  it('without the repository is told from one that has it', async () => {
    const hub = await mirrorOf(whole);
    const error = await refusalOf(clientFor(hub.endpoint).describe('no/such', 'main'));
    expect(error.code).toBe('HUB_REPOSITORY_NOT_FOUND');
    const bare = await serverOf((_, response) => response.writeHead(404).end());
    expect((await refusalOf(clientFor(bare).describe(id, 'main'))).code).toBe('HUB_REPOSITORY_NOT_FOUND');
  });

  it.each([
    ['not JSON', 'x'],
    ['without a map', '{}'],
    ['with a path out of the folder', '{"weight_map":{"a":"../../etc/passwd"}}'],
    [
      'with too many files',
      JSON.stringify({ weight_map: Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [n, `${n}`])) }),
    ],
  ])('with an index %s is refused', async (_, content) => {
    const hub = await mirrorOf({ 'model.safetensors.index.json': content });
    const error = await refusalOf(clientFor(hub.endpoint).describe(id, 'main'));
    expect(error.code).toBe('HUB_RESPONSE_INVALID');
    expect(error.message).toContain('is not an index');
  });

  it.each([
    ['405', 405, ''],
    ['501', 501, ''],
    ['a page', 200, '<html></html>'],
  ])('that answers the API with %s is known by it', async (_, status, body) => {
    const hub = await mirrorOf(whole, { withoutApi: false });
    const endpoint = await serverOf((request, response) => {
      if (request.url?.startsWith('/api/'))
        response.writeHead(status, { 'Content-Type': 'text/html' }).end(body);
      else response.writeHead(307, { Location: `${hub.endpoint}${request.url}` }).end();
    });
    expect((await clientFor(endpoint).describe(id, 'main')).files).toHaveLength(3);
  });

  it('but with half of it keeps what the API told', async () => {
    const hub = await mirrorOf(whole, { withoutApi: false });
    hub.setFaults([{ path: '/tree/', fault: { kind: 'status', status: 404 }, times: Infinity }]);
    const repository = await clientFor(hub.endpoint).describe(id, 'main');
    expect(repository).toMatchObject({ commit, license: 'mit', revision: 'main' });
    expect(repository.files).toHaveLength(3);
  });
});
