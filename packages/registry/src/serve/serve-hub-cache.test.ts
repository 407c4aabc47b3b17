import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readlink, rm, truncate } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebsslError } from '@webssl/backend';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HubCacheServer, type ServedRequest, serveHubCache } from './serve-hub-cache.js';
import { makeCache, sha256, writeRepository } from './testing/cache-on-disk.js';
import { connectTo, rawGet, rawRequest } from './testing/raw-request.js';

const commit = '1'.repeat(40);
const weights = randomBytes(64 * 1024 * 1024);
const weightsHash = sha256(weights);
const target = '/org/model/resolve/main/model.safetensors';

let cache = '';
let server: HubCacheServer;
const served: ServedRequest[] = [];

beforeAll(async () => {
  cache = await makeCache();
  await writeRepository(cache, {
    id: 'org/model',
    commit,
    references: ['main'],
    files: {
      'config.json': '{}',
      'model.safetensors': { content: weights, kind: 'large' },
      'short.safetensors': { content: weights.subarray(1), kind: 'large' },
    },
  });
  server = await serveHubCache({ hubCacheFolder: cache, onRequest: (entry) => served.push(entry) });
});
afterAll(async () => {
  await server.close();
  await rm(dirname(cache), { recursive: true });
});

describe('with a token', () => {
  let guarded: HubCacheServer;
  beforeAll(async () => {
    guarded = await serveHubCache({ hubCacheFolder: cache, token: 'hf_right' });
  });
  afterAll(() => guarded.close());

  it.each(['Bearer hf_right', 'bearer hf_right'])('lets %s in', async (authorization) => {
    const { statusCode, body } = await request(`${guarded.endpoint}/`, { headers: { authorization } });
    await body.dump();
    expect(statusCode).toBe(200);
  });

  it.each([undefined, 'Bearer hf_wrong', 'Bearer ', 'Basic hf_right', 'hf_right', 'Bearer hf_right more'])(
    'keeps %s out, of everything',
    async (authorization) => {
      for (const path of ['/', target, '/api/models', '/nowhere', '/%']) {
        const { statusCode, headers, body } = await request(`${guarded.endpoint}${path}`, {
          headers: authorization === undefined ? {} : { authorization },
        });
        expect(await body.text()).not.toContain('hf_right');
        expect([statusCode, headers['www-authenticate']]).toEqual([401, 'Bearer']);
      }
    },
  );
});

describe('a client', () => {
  it('that goes away leaves no file open', async () => {
    const socket = await connectTo(server.endpoint);
    socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(3));
    await new Promise((resolve) => socket.once('readable', resolve));
    expect(await openWeights()).toBeGreaterThan(0);
    const before = served.length;
    socket.destroy();
    await until(() => served.length === before + 3);
    await until(async () => (await openWeights()) === 0);
    expect(served.at(-1)?.bytes).toBeLessThan(weights.length);
  });

  it('that reads slowly gets everything, and nothing is read ahead for it', async () => {
    const count = 20;
    served.length = 0;
    const sockets = await Promise.all(Array.from({ length: count }, () => connectTo(server.endpoint)));
    await Promise.all(
      sockets.map((socket) => {
        socket.pause();
        socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
        return new Promise((resolve) => socket.once('readable', resolve));
      }),
    );
    let bytes = 0;
    for await (const chunk of sockets[0] ?? []) bytes += (chunk as Buffer).length;
    expect(bytes).toBeGreaterThan(weights.length);
    for (const socket of sockets.slice(1)) socket.destroy();
    await until(() => served.length === count);
    const [whole, ...begun] = served.map((entry) => entry.bytes).sort((one, other) => other - one);
    expect(whole).toBe(weights.length);
    for (const read of begun) expect(read).toBeLessThan(weights.length / 2);
  });

  it('is broken off where a file has become shorter meanwhile', async () => {
    const socket = await connectTo(server.endpoint);
    socket.pause();
    socket.write('GET /org/model/resolve/main/short.safetensors HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await new Promise((resolve) => socket.once('readable', resolve));
    const blob = join(cache, 'models--org--model', 'blobs', sha256(weights.subarray(1)));
    await truncate(blob, 32 * 1024 * 1024);
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    await new Promise((resolve) => socket.once('close', resolve).on('error', () => undefined));
    expect(bytes).toBeLessThan(weights.length);
  });

  it.each([
    ['nonsense', 'nonsense\r\n\r\n', 400],
    ['two hosts of a request line', 'GET / / HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    [
      'a whole address',
      'GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      400,
    ],
    ['an unknown method', 'FETCH / HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
  ])('that sends %s is refused', async (_, bytes, status) => {
    expect((await rawRequest(server.endpoint, bytes)).status).toBe(status);
  });

  it('that refuses to end a body it has no use for is not waited for', async () => {
    const bytes = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\nbegun';
    expect((await rawRequest(server.endpoint, bytes)).status).toBe(405);
  });
});

it('says that the cache cannot be read, and not where it lies', async () => {
  const gone = await makeCache();
  await mkdir(gone);
  const one = await serveHubCache({ hubCacheFolder: gone });
  await rm(dirname(gone), { recursive: true });
  const { status, text } = await rawGet(one.endpoint, target);
  await one.close();
  expect(status).toBe(500);
  expect(text).not.toContain(gone);
});

it('tells of every request when it is over', async () => {
  served.length = 0;
  const asked = await request(`${server.endpoint}${target}?x=%41`, { headers: { range: 'bytes=0-99' } });
  await asked.body.dump();
  await until(() => served.length === 1);
  await (await request(`${server.endpoint}/nothing`, { method: 'HEAD' })).body.dump();
  await until(() => served.length === 2);
  expect(served).toEqual([
    { method: 'GET', path: `${target}?x=%41`, status: 206, bytes: 100, milliseconds: expect.any(Number) },
    { method: 'HEAD', path: '/nothing', status: 404, bytes: 0, milliseconds: expect.any(Number) },
  ]);
});

describe('the end', () => {
  it('breaks running answers off, and may be asked for twice', async () => {
    const one = await serveHubCache({ hubCacheFolder: cache });
    const socket = await connectTo(one.endpoint);
    socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await new Promise((resolve) => socket.once('readable', resolve));
    await Promise.all([one.close(), one.close()]);
    await expect(connectTo(one.endpoint)).rejects.toThrow('ECONNREFUSED');
    await until(async () => (await openWeights()) === 0);
    socket.destroy();
  });

  it('comes by a signal', async () => {
    const controller = new AbortController();
    const one = await serveHubCache({ hubCacheFolder: cache, signal: controller.signal });
    controller.abort();
    await one.close();
    await expect(connectTo(one.endpoint)).rejects.toThrow('ECONNREFUSED');
  });

  it('comes before the start for a signal that is aborted already', async () => {
    const reason = new Error('not today');
    const start = serveHubCache({ hubCacheFolder: cache, signal: AbortSignal.abort(reason) });
    await expect(start).rejects.toBe(reason);
  });
});

describe('refuses to start', () => {
  it('without a cache folder', async () => {
    await expectCode(
      serveHubCache({ hubCacheFolder: join(cache, 'nowhere') }),
      'CACHE_FOLDER_MISSING',
      'nowhere',
    );
  });

  it.each(['', 'with space', 'ümlaut', 'line\nbreak'])(
    'with token %j, and does not repeat it',
    async (token) => {
      const error = await expectCode(
        serveHubCache({ hubCacheFolder: cache, token }),
        'HUB_SETTING_INVALID',
        'token',
      );
      if (token !== '') expect(error.message).not.toContain(token);
    },
  );

  it('on a port that is taken, or that is none', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = taken.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await expectCode(serveHubCache({ hubCacheFolder: cache, port }), 'HUB_SERVE_FAILED', String(port));
    taken.close();
    await expectCode(serveHubCache({ hubCacheFolder: cache, port: 65_536 }), 'HUB_SERVE_FAILED', '65536');
  });
});

async function expectCode(promise: Promise<unknown>, code: string, words: string): Promise<WebsslError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!WebsslError.isInstance(error, code)) throw new Error(`expected ${code}, got ${String(error)}`);
  expect(error.message).toContain(words);
  return error;
}

/** How many file descriptors of this process lead to the weights; where the system does not tell, none. */
async function openWeights(): Promise<number> {
  if (process.platform !== 'linux') return 0;
  const folder = '/proc/self/fd';
  const links = await Promise.all(
    (await readdir(folder)).map((name) => readlink(join(folder, name)).catch(() => '')),
  );
  return links.filter((path) => path.endsWith(weightsHash)).length;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10);
}
