import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Agent, type Dispatcher, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HubCacheServer, serveHubCache } from './serve-hub-cache.js';
import { gitBlobId, makeCache, sha256, writeRepository } from './testing/cache-on-disk.js';

const commit = '1'.repeat(40);
const config = '{"model_type":"vit"}';
const weights = randomBytes(3_000_000);
const sharedWeights = randomBytes(100_000);
const copiedWeights = randomBytes(50_000);
const base = `/org/model/resolve/${commit}`;

let cache = '';
let server: HubCacheServer;
let agent: Agent;

beforeAll(async () => {
  cache = await makeCache();
  await writeRepository(cache, {
    id: 'org/model',
    commit,
    references: ['main', 'v1.0', 'refs/pr/1'],
    files: {
      'config.json': config,
      'empty.txt': '',
      'model-00001-of-00002.safetensors': { content: weights, kind: 'large' },
      'model-00002-of-00002.safetensors': { content: sharedWeights, kind: 'shared' },
      'copies/model.safetensors': { content: copiedWeights, kind: 'copy' },
      'copies/README (1).md': { content: '# Ünicode', kind: 'copy' },
      'pytorch_model.bin': 'a pickle',
    },
  });
  server = await serveHubCache({ hubCacheFolder: cache });
  agent = new Agent();
});
afterAll(async () => {
  await agent.close();
  await server.close();
  await rm(dirname(cache), { recursive: true });
});

async function ask(
  path: string,
  { method = 'GET', ...headers }: { method?: Dispatcher.HttpMethod; [header: string]: string } = {},
) {
  const answer = await request(`${server.endpoint}${path}`, { method, headers, dispatcher: agent });
  return { ...answer, status: answer.statusCode, body: Buffer.from(await answer.body.arrayBuffer()) };
}

describe('metadata', () => {
  it('of a small file: its Git id as the tag, its length, its commit', async () => {
    const { status, headers, body } = await ask(`${base}/config.json`, { method: 'HEAD' });
    expect(status).toBe(200);
    expect(body.length).toBe(0);
    expect(headers).toMatchObject({
      etag: `"${gitBlobId(config)}"`,
      'content-length': String(config.length),
      'x-repo-commit': commit,
      'accept-ranges': 'bytes',
    });
    expect(headers).not.toHaveProperty('x-linked-etag');
  });

  it.each([
    ['a large file', 'model-00001-of-00002.safetensors', weights],
    ['a blob in the store that repositories share', 'model-00002-of-00002.safetensors', sharedWeights],
    ['a file of a cache without links', 'copies/model.safetensors', copiedWeights],
  ])('of %s: its SHA-256, also as the linked tag and length', async (_, path, content) => {
    const { headers } = await ask(`${base}/${path}`, { method: 'HEAD' });
    expect(headers).toMatchObject({
      etag: `"${sha256(content)}"`,
      'x-linked-etag': `"${sha256(content)}"`,
      'x-linked-size': String(content.length),
      'content-length': String(content.length),
    });
  });

  it('names no other place to fetch from', async () => {
    const { headers } = await ask(`${base}/model-00001-of-00002.safetensors`, { method: 'HEAD' });
    const names = Object.keys(headers);
    expect(names.filter((name) => /^x-xet|^link$|^location$/.test(name))).toEqual([]);
  });
});

describe('content', () => {
  it.each([
    ['config.json', Buffer.from(config)],
    ['empty.txt', Buffer.alloc(0)],
    ['model-00001-of-00002.safetensors', weights],
    ['model-00002-of-00002.safetensors', sharedWeights],
    ['copies/model.safetensors', copiedWeights],
    ['copies/README%20%281%29.md', Buffer.from('# Ünicode')],
  ])('%s comes whole', async (path, content) => {
    const { status, body } = await ask(`${base}/${path}`);
    expect(status).toBe(200);
    expect(body.equals(content)).toBe(true);
  });

  it.each([
    ['bytes=10-19', 10, 20],
    ['bytes=2999990-', 2_999_990, 3_000_000],
    ['bytes=-1500000', 1_500_000, 3_000_000],
    ['bytes=0-99999999', 0, 3_000_000],
  ])('%s comes as that part', async (range, start, end) => {
    const { status, headers, body } = await ask(`${base}/model-00001-of-00002.safetensors`, { range });
    expect(status).toBe(206);
    expect(headers).toMatchObject({
      'content-range': `bytes ${start}-${end - 1}/3000000`,
      'content-length': String(end - start),
      etag: `"${sha256(weights)}"`,
    });
    expect(body.equals(weights.subarray(start, end))).toBe(true);
  });

  it('comes whole where several ranges are asked for', async () => {
    const { status, body } = await ask(`${base}/config.json`, { range: 'bytes=0-1,3-4' });
    expect(status).toBe(200);
    expect(body.toString()).toBe(config);
  });

  it('comes in many parallel parts', async () => {
    const step = 100_000;
    const parts = await Promise.all(
      Array.from({ length: weights.length / step }, (_, index) =>
        ask(`${base}/model-00001-of-00002.safetensors`, {
          range: `bytes=${index * step}-${(index + 1) * step - 1}`,
        }),
      ),
    );
    expect(Buffer.concat(parts.map(({ body }) => body)).equals(weights)).toBe(true);
  });

  it('refuses a range outside with the length of the file', async () => {
    const { status, headers } = await ask(`${base}/config.json`, { range: 'bytes=20-' });
    expect(status).toBe(416);
    expect(headers['content-range']).toBe(`bytes */${config.length}`);
  });

  it('is not sent again to a client that has it', async () => {
    const { status, headers, body } = await ask(`${base}/config.json`, {
      'if-none-match': `"${gitBlobId(config)}"`,
    });
    expect(status).toBe(304);
    expect(headers['etag']).toBe(`"${gitBlobId(config)}"`);
    expect(body.length).toBe(0);
  });

  it('comes in part only from the version that the client has begun', async () => {
    const range = 'bytes=5-';
    const same = await ask(`${base}/config.json`, { range, 'if-range': `"${gitBlobId(config)}"` });
    const other = await ask(`${base}/config.json`, { range, 'if-range': '"another"' });
    expect([same.status, same.body.toString()]).toEqual([206, config.slice(5)]);
    expect([other.status, other.body.toString()]).toEqual([200, config]);
  });

  it.each(['main', 'v1.0', 'refs%2Fpr%2F1'])('is found by reference %s', async (revision) => {
    const { status, headers } = await ask(`/org/model/resolve/${revision}/config.json`);
    expect([status, headers['x-repo-commit']]).toEqual([200, commit]);
  });
});

describe('what is not here', () => {
  it.each([
    ['a file', `${base}/other.json`, 'EntryNotFound'],
    ['a pickle', `${base}/pytorch_model.bin`, 'EntryNotFound'],
    ['a folder', `${base}/copies`, 'EntryNotFound'],
    ['a branch', '/org/model/resolve/other/config.json', 'RevisionNotFound'],
    ['a folder of references', '/org/model/resolve/refs%2Fpr/config.json', 'RevisionNotFound'],
    ['a commit', `/org/model/resolve/${'2'.repeat(40)}/config.json`, 'RevisionNotFound'],
    ['a model', '/org/other/resolve/main/config.json', 'RepoNotFound'],
    ['a model by its folder', '/org--model/resolve/main/config.json', 'RepoNotFound'],
  ])('%s: 404 with %3$s', async (_, path, code) => {
    const { status, headers, body } = await ask(path);
    expect(status).toBe(404);
    expect(headers['x-error-code']).toBe(code);
    expect(JSON.parse(body.toString())).toEqual({ error: headers['x-error-message'] });
  });

  it('is not said to be missing from the commit: it may have been left out here', async () => {
    const { headers } = await ask(`${base}/other.json`, { method: 'HEAD' });
    expect(headers).not.toHaveProperty('x-repo-commit');
  });
});
