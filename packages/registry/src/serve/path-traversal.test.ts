import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HubCacheServer, serveHubCache } from './serve-hub-cache.js';
import { makeCache, writeRepository } from './testing/cache-on-disk.js';
import { rawGet } from './testing/raw-request.js';

const commit = '1'.repeat(40);
const secret = 'THE-SECRET';

let cache = '';
let server: HubCacheServer;

beforeAll(async () => {
  cache = await makeCache();
  const files = { 'config.json': 'public', 'a/b.txt': 'public', 'weights.bin': secret };
  const snapshot = await writeRepository(cache, { id: 'org/model', commit, references: ['main'], files });
  const repository = dirname(dirname(snapshot));
  const secrets = [
    join(dirname(cache), 'secret.txt'),
    join(cache, 'secret.txt'),
    join(cache, 'models--org--model.txt'),
    join(repository, 'secret.txt'),
    join(repository, 'blobs', `${'0'.repeat(40)}.incomplete`),
    join(dirname(snapshot), 'secret.txt'),
    join(repository, 'refs', 'secret.txt'),
  ];
  for (const path of secrets) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, secret);
  }
  server = await serveHubCache({ hubCacheFolder: cache });
});
afterAll(async () => {
  await server.close();
  await rm(dirname(cache), { recursive: true });
});

it.each([
  `/org/model/resolve/main/../../../../../secret.txt`,
  `/org/model/resolve/main/%2e%2e/%2e%2e/secret.txt`,
  `/org/model/resolve/main/..%2f..%2fsecret.txt`,
  `/org/model/resolve/main/a/../../../secret.txt`,
  `/org/model/resolve/main/..%5c..%5csecret.txt`,
  `/org/model/resolve/main//config.json`,
  `/org/model/resolve/main/./config.json`,
  `/org/model/resolve/main/%2fetc%2fpasswd`,
  `/org/model/resolve/main/config.json%00`,
  `/org/model/resolve/main/config.json%00.txt`,
  `/org/model/resolve/main/weights.bin`,
  `/org/model/resolve/main/weights.bin::$DATA`,
  `/org/model/resolve/main/WEIGHTS.BIN`,
  `/org/model/resolve/..%2fsecret.txt/config.json`,
  `/org/model/resolve/secret.txt/config.json`,
  `/org/model/resolve/%2e%2e/secret.txt`,
  `/org/..%2f../resolve/main/secret.txt`,
  `/../secret.txt`,
  `/org/model/../../secret.txt`,
  `//org/model/resolve/main/config.json`,
  `/models--org--model/resolve/main/config.json`,
  `/api/models/..%2f/tree/main`,
  `/api/models/org/model/tree/..%2f..%2f`,
  `/api/models/org/model/tree/main/..`,
])('%s leads nowhere', async (target) => {
  const { status, text } = await rawGet(server.endpoint, target);
  expect([400, 404]).toContain(status);
  expect(text).not.toContain(secret);
});

it('answers any path with what is offered, or 400, or 404', async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '..',
      '.',
      '',
      '%2e%2e',
      '..%2f',
      '..%5c',
      '\\',
      '%00',
      '%',
      '%zz',
      '%c0%af',
      'secret.txt',
      'C:',
      '~',
    ),
    fc.constantFrom(
      'org',
      'model',
      'resolve',
      'main',
      commit,
      'config.json',
      'a',
      'b.txt',
      'blobs',
      'refs',
      'snapshots',
    ),
    fc.constantFrom(
      'api',
      'models',
      'tree',
      'revision',
      'models--org--model',
      'weights.bin',
      'constructor',
      '__proto__',
    ),
    fc.string().map(encodeURIComponent),
    fc
      .uint8Array({ min: 0x21, maxLength: 4 })
      .map((bytes) => Buffer.from(bytes).toString('latin1').replace(/\x7f/g, '')),
  );
  const start = fc.constantFrom(
    '',
    '/org/model/resolve/main',
    `/org/model/resolve/${commit}`,
    '/org/model/resolve',
    '/api/models',
  );
  const target = fc
    .tuple(start, fc.array(piece, { maxLength: 8 }))
    .map(([before, pieces]) => `${before}/${pieces.join('/')}`);
  await fc.assert(
    fc.asyncProperty(target, async (path) => {
      const { status, text } = await rawGet(server.endpoint, Buffer.from(path, 'latin1'));
      expect([200, 400, 404, 405]).toContain(status);
      expect(text).not.toContain(secret);
    }),
    { numRuns: 1500 },
  );
});
