import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HubCacheServer, serveHubCache } from './serve-hub-cache.js';
import { gitBlobId, makeCache, sha256, writeRepository } from './testing/cache-on-disk.js';

const commit = '1'.repeat(40);
const config = '{"model_type":"vit"}';
const weights = Buffer.alloc(1234, 7);
// The pointer that Git keeps for a large file: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256(weights)}\nsize 1234\n`;

const configEntry = { type: 'file', path: 'config.json', oid: gitBlobId(config), size: config.length };
const weightsEntry = {
  type: 'file',
  path: 'deep/er/model.safetensors',
  oid: gitBlobId(pointer),
  size: 1234,
  lfs: { oid: sha256(weights), size: 1234, pointerSize: pointer.length },
};
const folderEntry = (path: string) => ({ type: 'directory', path, oid: '0'.repeat(40), size: 0 });

let cache = '';
let server: HubCacheServer;

beforeAll(async () => {
  cache = await makeCache();
  await writeRepository(cache, {
    id: 'org/model',
    commit,
    references: ['main'],
    files: {
      'config.json': config,
      'deep/er/model.safetensors': { content: weights, kind: 'large' },
      'pytorch_model.bin': 'a pickle',
    },
  });
  await writeRepository(cache, { id: 'other/thing', commit, files: {} });
  server = await serveHubCache({ hubCacheFolder: cache });
});
afterAll(async () => {
  await server.close();
  await rm(dirname(cache), { recursive: true });
});

async function ask(path: string, options: Parameters<typeof request>[1] = {}) {
  const { statusCode, headers, body } = await request(`${server.endpoint}${path}`, options);
  const text = await body.text();
  const isJson = /json/.test(String(headers['content-type']));
  return { status: statusCode, headers, text, json: isJson && text !== '' ? JSON.parse(text) : undefined };
}

describe('model', () => {
  it.each(['', '/revision/main', `/revision/${commit}`])('%s: commit and files', async (suffix) => {
    const { status, json } = await ask(`/api/models/org/model${suffix}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      id: 'org/model',
      modelId: 'org/model',
      sha: commit,
      private: false,
      gated: false,
      tags: [],
      siblings: [{ rfilename: 'config.json' }, { rfilename: 'deep/er/model.safetensors' }],
    });
  });

  it('has lengths and hashes when asked for them', async () => {
    const { json } = await ask('/api/models/org/model?blobs=true');
    expect(json.siblings).toEqual([
      { rfilename: 'config.json', size: config.length, blobId: gitBlobId(config) },
      {
        rfilename: 'deep/er/model.safetensors',
        size: 1234,
        blobId: gitBlobId(pointer),
        lfs: { sha256: sha256(weights), size: 1234, pointerSize: pointer.length },
      },
    ]);
  });
});

describe('tree', () => {
  it.each([
    [
      'main?recursive=true&expand=false',
      [folderEntry('deep'), folderEntry('deep/er'), configEntry, weightsEntry],
    ],
    ['main', [folderEntry('deep'), configEntry]],
    [`${commit}/deep`, [folderEntry('deep/er')]],
    ['main/deep%2Fer', [weightsEntry]],
  ])('%s', async (suffix, entries) => {
    expect((await ask(`/api/models/org/model/tree/${suffix}`)).json).toEqual(entries);
  });

  it('has no folder that is not there', async () => {
    const { status, headers } = await ask('/api/models/org/model/tree/main/config.json');
    expect([status, headers['x-error-code']]).toEqual([404, 'EntryNotFound']);
  });
});

describe('paths-info', () => {
  const path = '/api/models/org/model/paths-info/main';
  const method = 'POST';

  it('tells of the files and folders that are there, asked by a form', async () => {
    const body = 'paths=config.json&paths=deep&paths=nothing&paths=pytorch_model.bin&expand=False';
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await ask(path, { method, headers, body })).json).toEqual([folderEntry('deep'), configEntry]);
  });

  it.each([['deep/er/model.safetensors'], [['deep/er/model.safetensors']]])(
    'or by JSON: %j',
    async (paths) => {
      const headers = { 'content-type': 'application/json; charset=utf-8' };
      expect((await ask(path, { method, headers, body: JSON.stringify({ paths }) })).json).toEqual([
        weightsEntry,
      ]);
    },
  );

  it.each(['{', '{}', '[]', '{"paths":[1]}'])('refuses %s', async (body) => {
    expect((await ask(path, { method, headers: { 'content-type': 'application/json' }, body })).status).toBe(
      400,
    );
  });

  it('refuses a body without end', async () => {
    const { status, headers } = await ask(path, { method, body: Buffer.alloc(1024 * 1024 + 1, 'a') });
    expect([status, headers['connection']]).toEqual([413, 'close']);
  });
});

describe('lists', () => {
  it('has every model, or those that a word is in', async () => {
    const ids = async (query: string) =>
      (await ask(`/api/models${query}`)).json.map(({ id }: { id: string }) => id);
    expect(await ids('')).toEqual(['org/model', 'other/thing']);
    expect(await ids('?search=THING')).toEqual(['other/thing']);
    expect(await ids('?search=nothing')).toEqual([]);
  });

  it('has a page for people', async () => {
    const { headers, text } = await ask('/');
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(text).toContain(`org/model\n  ${commit}\n`);
    expect(text).toContain('HF_ENDPOINT');
  });
});

describe('other requests', () => {
  it.each(['/api/whoami-v2', `/api/models/org/model/xet-read-token/${commit}`, '/api/datasets/a/b'])(
    '%s: 404 with JSON',
    async (path) => {
      const { status, json } = await ask(path);
      expect([status, typeof json.error]).toEqual([404, 'string']);
    },
  );

  it.each([
    ['POST', '/', 'GET, HEAD'],
    ['PUT', '/org/model/resolve/main/config.json', 'GET, HEAD'],
    ['DELETE', '/api/models/org/model', 'GET, HEAD'],
    ['OPTIONS', '/api/models', 'GET, HEAD'],
    ['GET', '/api/models/org/model/paths-info/main', 'POST'],
  ] as const)('%s %s: 405', async (method, path, allowed) => {
    const { status, headers } = await ask(path, { method });
    expect([status, headers['allow']]).toEqual([405, allowed]);
  });

  it('HEAD of an interface has the headers alone', async () => {
    const { status, headers, text } = await ask('/api/models/org/model', { method: 'HEAD' });
    expect([status, text]).toEqual([200, '']);
    expect(Number(headers['content-length'])).toBeGreaterThan(0);
  });
});
