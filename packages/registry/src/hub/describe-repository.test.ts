import { createHash } from 'node:crypto';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { HubDoubleOptions } from '@webssl-tooling/hub-double';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../testing/refusal.js';
import { clientFor, hubWith, id, serverOf } from './testing/test-hub.js';

const config = '{"model_type":"vit"}';
const files = {
  'config.json': config,
  'sub/notes.txt': 'notes',
  'model.safetensors': { bytes: 2_000_000, seed: 7 },
} as const;

const gitSha1 = (content: string) =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(content)}\0${content}`)
    .digest('hex');

async function describeFrom(options: Partial<HubDoubleOptions>, revision = 'main', token?: string) {
  const hub = await hubWith(files, options);
  return clientFor(hub.endpoint, { token }).describe(id, revision);
}

describe('a repository', () => {
  it('has a commit, a licence, and files with lengths and hashes', async () => {
    const hub = await hubWith({}, { repositories: [{ id, license: 'cc-by-nc-4.0', commits: [{ files }] }] });
    const weights = await hub.describe(id, 'model.safetensors');
    const repository = await clientFor(hub.endpoint).describe(id, 'main');
    expect(repository).toMatchObject({
      id,
      revision: 'main',
      commit: weights.commit,
      license: 'cc-by-nc-4.0',
    });
    expect([...repository.files].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'config.json', bytes: 20, hash: { algorithm: 'git-sha1', digest: gitSha1(config) } },
      { path: 'model.safetensors', bytes: 2_000_000, hash: { algorithm: 'sha256', digest: weights.etag } },
      { path: 'sub/notes.txt', bytes: 5, hash: { algorithm: 'git-sha1', digest: gitSha1('notes') } },
    ]);
  });

  it('is found by a branch with a slash, by a tag and by its commit', async () => {
    const commit = 'a'.repeat(40);
    const old = { commit, references: ['refs/pr/1', 'v1'], files: { 'config.json': '{}' } };
    const hub = await hubWith({}, { repositories: [{ id, commits: [old, { files }] }] });
    for (const revision of ['refs/pr/1', 'v1', commit]) {
      expect(await clientFor(hub.endpoint).describe(id, revision)).toMatchObject({ revision, commit });
    }
  });

  it('is listed over several pages', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 25 }, (_, index) => [`file-${index}.txt`, `${index}`]),
    );
    const hub = await hubWith(many, { pageSize: 10 });
    const repository = await clientFor(hub.endpoint).describe(id, 'main');
    expect(new Set(repository.files.map(({ path }) => path))).toEqual(new Set(Object.keys(many)));
  });

  it('is listed on by another host where a page names one, which does not see the token', async () => {
    const second = await hubWith({ 'b.txt': 'b' });
    const token = 'hf_secret';
    const endpoint = await serverOf((request, response) => {
      if (!request.url?.includes('/tree/')) return response.end(JSON.stringify({ sha: 'b'.repeat(40) }));
      const entry = { type: 'file', path: 'a.txt', size: 1, oid: 'a'.repeat(40) };
      response.setHeader(
        'Link',
        `<${second.endpoint}/api/models/${id}/tree/main?recursive=true>; rel="next"`,
      );
      return response.end(JSON.stringify([entry]));
    });
    const { files: listed } = await clientFor(endpoint, { token }).describe(id, 'main');
    expect(listed.map(({ path }) => path)).toEqual(['a.txt', 'b.txt']);
    expect(second.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('is found under its new name', async () => {
    const hub = await hubWith(files, { renamed: { 'old/name': id } });
    const token = 'hf_known';
    const repository = await clientFor(hub.endpoint, { token }).describe('old/name', 'main');
    expect(repository.files).toHaveLength(3);
    expect(hub.requests.every(({ authorization }) => authorization === `Bearer ${token}`)).toBe(true);
  });

  it('has no files with paths that are not safe everywhere', async () => {
    const unsafe = [
      '../up.txt',
      '/etc/passwd',
      'a/../../b',
      'C:/x',
      'a\\b',
      'a//b',
      'nul',
      './c',
      `${'x'.repeat(4097)}`,
    ];
    const hub = await hubWith({ ...Object.fromEntries(unsafe.map((path) => [path, 'x'])), 'good.txt': 'x' });
    const repository = await clientFor(hub.endpoint).describe(id, 'main');
    expect(repository.files.map(({ path }) => path)).toEqual(['good.txt']);
  });

  it('has no files that cannot be verified and that no run needs', async () => {
    const entry = { type: 'file', size: 2 };
    const listing = [
      { ...entry, path: 'README.md', oid: null },
      { ...entry, path: 'sub/config.json', oid: 'abc' },
      { ...entry, path: 'pytorch_model.bin', oid: 'a'.repeat(40), lfs: { oid: 'a'.repeat(40), size: 1 } },
      { ...entry, path: 'config.json', oid: 'a'.repeat(40) },
    ];
    const endpoint = await serverOf((request, response) =>
      response.end(JSON.stringify(request.url?.includes('/tree/') ? listing : { sha: 'b'.repeat(40) })),
    );
    const repository = await clientFor(endpoint).describe(id, 'main');
    expect(repository.files.map(({ path }) => path)).toEqual(['config.json']);
  });

  it('is described by a mirror that compresses what nobody asked to', async () => {
    expect((await describeFrom({ mirror: { gzip: true } })).files).toHaveLength(3);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('is read from %s', async (encoding, compress) => {
    const endpoint = await serverOf((request, response) => {
      const answer = request.url?.includes('/tree/') ? [] : { sha: 'b'.repeat(40) };
      response.setHeader('Content-Encoding', encoding).end(compress(JSON.stringify(answer)));
    });
    expect(await clientFor(endpoint).describe(id, 'main')).toMatchObject({
      commit: 'b'.repeat(40),
      files: [],
    });
  });

  it('is not read from an encoding that is not known', async () => {
    const endpoint = await serverOf((_, response) => response.setHeader('Content-Encoding', 'zstd').end('x'));
    const error = await refusalOf(clientFor(endpoint).describe(id, 'main'));
    expect(error.code).toBe('HUB_RESPONSE_INVALID');
    expect(error.message).toContain("the encoding 'zstd'");
  });

  it.each([
    [{ license: 'mit' }, 'mit'],
    [{ license: ['mit', 'apache-2.0'] }, 'mit, apache-2.0'],
    [{ license: 'other', license_name: 'fair-1' }, 'fair-1'],
    [{ license: 'other' }, 'other'],
    [{ license: 7 }, undefined],
    [{ license: '' }, undefined],
    [{ license: 'mit\u001b[2J' }, undefined],
    [{ license: 'mit\n' }, undefined],
    [{ license: ['mit', '\u009b2J'] }, undefined],
    [{ license: 'x'.repeat(201) }, undefined],
    [{ license: 'other', license_name: 'fair\u0007' }, 'other'],
    [{}, undefined],
    [null, undefined],
  ])('with the card %o has the licence %s', async (cardData, license) => {
    const endpoint = await serverOf((request, response) =>
      response.end(JSON.stringify(request.url?.includes('/tree/') ? [] : { sha: 'b'.repeat(40), cardData })),
    );
    expect(await clientFor(endpoint).describe(id, 'main')).toMatchObject({ license });
  });
});

describe('a refusal', () => {
  it('tells an unknown repository, with and without a token', async () => {
    const hub = await hubWith(files);
    for (const token of [undefined, 'hf_known']) {
      const error = await refusalOf(clientFor(hub.endpoint, { token }).describe('no/such', 'main'));
      expect(error.code).toBe('HUB_REPOSITORY_NOT_FOUND');
      expect(error.message).toMatch(/no repository no\/such .* or it is private/);
    }
  });

  it('tells an unknown revision', async () => {
    const hub = await hubWith(files);
    const error = await refusalOf(clientFor(hub.endpoint).describe(id, 'v9'));
    expect(error.code).toBe('HUB_REVISION_NOT_FOUND');
    expect(error.message).toContain("no revision 'v9'");
  });

  it('tells a token that the hub does not know, and does not repeat it', async () => {
    const hub = await hubWith(files, { tokens: ['hf_good'] });
    const error = await refusalOf(clientFor(hub.endpoint, { token: 'hf_bad' }).describe(id, 'main'));
    expect(error.code).toBe('HUB_ACCESS_DENIED');
    expect(error.message).toContain('Invalid credentials');
    expect(error.message).not.toContain('hf_bad');
  });

  it.each([
    ['an object without a commit', '{"sha":"main"}'],
    ['a list', '[]'],
    ['a text', '"x"'],
  ])('tells an API that answers %s', async (_, body) => {
    const endpoint = await serverOf((_request, response) => response.end(body));
    const error = await refusalOf(clientFor(endpoint).describe(id, 'main'));
    expect(error.code).toBe('HUB_RESPONSE_INVALID');
    expect(error.message).toContain('answered something else');
  });

  it.each([
    ['no hash', { oid: null }],
    ['a short hash', { oid: 'abc' }],
    ['a hash that is a path', { oid: `../${'a'.repeat(37)}` }],
    ['a sha1 for a large file', { oid: 'a'.repeat(40), lfs: { oid: 'a'.repeat(40), size: 1 } }],
    ['a negative length', { oid: 'a'.repeat(40), size: -1 }],
  ])('tells a file with %s', async (_, entry) => {
    const endpoint = await serverOf((request, response) => {
      const listing = [{ type: 'file', path: 'config.json', size: 2, ...entry }];
      response.end(JSON.stringify(request.url?.includes('/tree/') ? listing : { sha: 'b'.repeat(40) }));
    });
    expect((await refusalOf(clientFor(endpoint).describe(id, 'main'))).code).toBe('HUB_RESPONSE_INVALID');
  });

  it.each([
    'preprocessor_config.json',
    'model.safetensors',
    'model-00001-of-00002.safetensors',
    'model.safetensors.index.json',
  ])('tells that %s has no hash', async (path) => {
    const endpoint = await serverOf((request, response) => {
      const listing = [{ type: 'file', path, size: 2 }];
      response.end(JSON.stringify(request.url?.includes('/tree/') ? listing : { sha: 'b'.repeat(40) }));
    });
    const error = await refusalOf(clientFor(endpoint).describe(id, 'main'));
    expect(error.code).toBe('HUB_RESPONSE_INVALID');
    expect(error.message).toContain(`no usable hash of ${path}`);
  });

  it('tells another commit than the one asked for', async () => {
    const endpoint = await serverOf((_, response) => response.end(JSON.stringify({ sha: 'b'.repeat(40) })));
    const error = await refusalOf(clientFor(endpoint).describe(id, 'c'.repeat(40)));
    expect(error.code).toBe('HUB_RESPONSE_INVALID');
    expect(error.message).toContain('was asked for commit');
  });

  it('ends a listing without end', async () => {
    let pages = 0;
    const endpoint = await serverOf((request, response) => {
      if (!request.url?.includes('/tree/')) return response.end(JSON.stringify({ sha: 'b'.repeat(40) }));
      return response.setHeader('Link', `</api/models/x/tree/y?page=${++pages}>; rel="next"`).end('[]');
    });
    const error = await refusalOf(clientFor(endpoint).describe(id, 'main'));
    expect(error.code).toBe('HUB_RESPONSE_INVALID');
    expect(pages).toBe(1000);
  });

  it('ends an answer without end', async () => {
    const endpoint = await serverOf((_, response) => {
      const more = (): void => {
        while (response.write(' '.repeat(65_536)));
        response.once('drain', more);
      };
      more();
    });
    const error = await refusalOf(clientFor(endpoint).describe(id, 'main'));
    expect(error.code).toBe('HUB_RESPONSE_INVALID');
    expect(error.message).toContain('longer than');
  });
});
