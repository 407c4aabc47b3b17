import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { request } from 'undici';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type HubCacheServer, serveHubCache } from './serve-hub-cache.js';
import { gitBlobId, link, makeCache, writeRepository } from './testing/cache-on-disk.js';

const first = '1'.repeat(40);
const second = '2'.repeat(40);
const files = { 'config.json': '{}' };

let cache = '';
let server: HubCacheServer;

beforeEach(async () => {
  cache = await makeCache();
  await mkdir(cache, { recursive: true });
  server = await serveHubCache({ hubCacheFolder: cache });
});
afterEach(async () => {
  await server.close();
  await rm(dirname(cache), { recursive: true });
});

async function ask(path: string) {
  const { statusCode, headers, body } = await request(`${server.endpoint}${path}`);
  return { status: statusCode, headers, text: await body.text() };
}

it('serves the only commit of a repository without references as main, under no other name', async () => {
  await writeRepository(cache, { id: 'org/model', commit: first, files });
  const main = await ask('/org/model/resolve/main/config.json');
  expect([main.status, main.headers['x-repo-commit']]).toEqual([200, first]);
  expect((await ask('/org/model/resolve/v1/config.json')).status).toBe(404);
});

it('does not guess between several commits, and names them', async () => {
  await writeRepository(cache, { id: 'org/model', commit: first, files });
  await writeRepository(cache, { id: 'org/model', commit: second, files });
  const { status, headers, text } = await ask('/org/model/resolve/main/config.json');
  expect([status, headers['x-error-code']]).toEqual([404, 'RevisionNotFound']);
  expect(text).toContain(first);
  expect(text).toContain(second);
});

it('does not serve another commit for a reference whose own is not here', async () => {
  await writeRepository(cache, { id: 'org/model', commit: first, files });
  const reference = join(cache, 'models--org--model', 'refs', 'main');
  await mkdir(dirname(reference), { recursive: true });
  await writeFile(reference, second);
  const { status, headers, text } = await ask('/org/model/resolve/main/config.json');
  expect([status, headers['x-error-code']]).toEqual([404, 'RevisionNotFound']);
  expect(text).toContain(second);
});

it('sees what was fetched after it started', async () => {
  expect((await ask('/org/model/resolve/main/config.json')).status).toBe(404);
  await writeRepository(cache, { id: 'org/model', commit: first, references: ['main'], files });
  expect((await ask('/org/model/resolve/main/config.json')).status).toBe(200);
});

it('serves models without an organisation', async () => {
  await writeRepository(cache, { id: 'gpt2', commit: first, references: ['main'], files });
  expect((await ask('/gpt2/resolve/main/config.json')).status).toBe(200);
  expect(JSON.parse((await ask('/api/models/gpt2')).text)).toMatchObject({ id: 'gpt2', sha: first });
});

it('offers only what a partial snapshot has, and no link that leads elsewhere', async () => {
  const snapshot = await writeRepository(cache, { id: 'org/model', commit: first, files });
  const other = await writeRepository(cache, { id: 'org/other', commit: first, files });
  const repository = dirname(dirname(snapshot));
  const outside = join(dirname(cache), 'secret.txt');
  const part = `${gitBlobId('part')}.0a1b2c3d.incomplete`;
  await writeFile(outside, 'secret');
  await writeFile(join(repository, 'blobs', part), 'part');
  await writeFile(join(snapshot, 'weights.bin'), 'a pickle');
  await symlink(outside, join(snapshot, 'absolute.txt'));
  await link(join(snapshot, 'relative.txt'), outside);
  await link(join(snapshot, 'part.txt'), join(repository, 'blobs', part));
  await link(join(snapshot, 'dangling.txt'), join(repository, 'blobs', '0'.repeat(40)));
  await link(join(snapshot, 'folder'), dirname(cache));
  await symlink(snapshot, join(snapshot, 'itself'));
  await link(join(snapshot, 'pickle.txt'), join(snapshot, 'weights.bin'));
  await link(join(snapshot, 'neighbour.txt'), join(dirname(dirname(other)), 'blobs', gitBlobId('{}')));
  await symlink('loop.txt', join(snapshot, 'loop.txt'));
  await link(join(cache, 'models--linked--model'), dirname(cache));

  const { siblings } = JSON.parse((await ask('/api/models/org/model')).text);
  expect(siblings).toEqual([{ rfilename: 'config.json' }]);
  for (const name of ['absolute', 'relative', 'part', 'dangling', 'pickle', 'neighbour', 'loop']) {
    expect((await ask(`/org/model/resolve/main/${name}.txt`)).status).toBe(404);
  }
  for (const path of ['folder/secret.txt', 'itself/config.json']) {
    expect((await ask(`/org/model/resolve/main/${path}`)).status).toBe(404);
  }
  expect((await ask('/')).text).not.toContain('linked/model');
});
