import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApiKey } from '../access/api-key.js';
import type { RunningServer } from '../start-server.js';
import { exchange } from '../testing/raw-http.js';
import { startTestServer } from '../testing/test-server.js';

/** `fetch` does not let its caller choose Host and Origin. */
function ask(address: string, path: string, headers: Readonly<Record<string, string>>, method = 'GET') {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
    (resolve, reject) => {
      const { hostname, port } = new URL(address);
      const asking = request({ hostname, port, path, method, headers }, (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (text) => {
          body += text;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
      });
      asking.on('error', reject).end();
    },
  );
}

describe('keys', () => {
  const { key, line } = createApiKey('camera-7');
  let folder: string;
  let server: RunningServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'webssl-keys-'));
    await writeFile(join(folder, 'keys'), `${line}\n`);
    server = await startTestServer({ apiKeysFile: join(folder, 'keys') });
    await server.ready;
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  test.each(['/info', '/v1/models', '/metrics'])('%s needs a key', async (path) => {
    const without = await ask(server.address, path, {});
    expect([without.status, without.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    expect(JSON.parse(without.body)).toMatchObject({
      error: { code: 'API_KEY_MISSING', type: 'authentication_error' },
    });
    const wrong = await ask(server.address, path, { authorization: `Bearer ${key}x` });
    expect([wrong.status, JSON.parse(wrong.body).error.code]).toEqual([401, 'API_KEY_UNKNOWN']);
    expect(wrong.body).not.toContain(key);
    expect((await ask(server.address, path, { authorization: `Bearer ${key}` })).status).toBe(200);
    expect((await ask(server.address, path, { 'x-api-key': key })).status).toBe(200);
  });

  test.each(['/v1/features', '/v1/embeddings'])('%s is refused before its body is read', async (path) => {
    const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n`;
    const { answers } = await exchange(server.address, head);
    expect(answers.map(({ status }) => status)).toEqual([401]);
  });

  test.each(['/livez', '/readyz', '/openapi.json', '/docs/static/swagger-ui.css'])(
    '%s needs none',
    async (path) => {
      expect((await ask(server.address, path, {})).status).toBe(200);
    },
  );

  test('what is not there is told to everybody', async () => {
    expect((await ask(server.address, '/nothing', {})).status).toBe(404);
  });

  test('the document says that keys are needed, and where they are not', async () => {
    const { body } = await ask(server.address, '/openapi.json', {});
    const { security, components, paths } = JSON.parse(body);
    expect(security).toEqual([{ key: [] }]);
    expect(components.securitySchemes).toEqual({ key: { type: 'http', scheme: 'bearer' } });
    expect(paths['/livez'].get.security).toEqual([]);
    expect(paths['/info'].get).not.toHaveProperty('security');
  });
});

describe('hosts and origins', () => {
  let server: RunningServer;
  let crossOrigin: RunningServer;
  let everyOrigin: RunningServer;

  beforeAll(async () => {
    server = await startTestServer({ settings: { hostNames: ['features.example'] } });
    crossOrigin = await startTestServer({ settings: { corsOrigins: ['https://page.example'] } });
    everyOrigin = await startTestServer({ settings: { corsOrigins: ['*'] } });
  });
  afterAll(async () => {
    await Promise.all([server, crossOrigin, everyOrigin].map((running) => running.close()));
  });

  test.each([
    ['localhost', 200],
    ['127.0.0.1:9', 200],
    ['[::1]:80', 200],
    ['features.example', 200],
    ['FEATURES.example:8000', 200],
    ['evil.example', 421],
    ['features.example.evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['localhost@evil.example', 421],
    ['0x7f.0.0.1', 421],
  ])('a request for the host %s is answered with %i', async (host, status) => {
    const answer = await ask(server.address, '/v1/models', { host });
    expect(answer.status).toBe(status);
    if (status === 421) expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'HOST_REFUSED' } });
  });

  test('a request without a host is refused', async () => {
    const { answers } = await exchange(server.address, 'GET /v1/models HTTP/1.0\r\n\r\n');
    expect(answers.map(({ status }) => status)).toEqual([421]);
  });

  test('a page of another origin may not ask, a page of this server may', async () => {
    const origin = 'https://evil.example';
    const foreign = await ask(server.address, '/v1/models', { origin });
    expect([foreign.status, JSON.parse(foreign.body).error.code]).toEqual([403, 'ORIGIN_REFUSED']);
    expect(foreign.headers).not.toHaveProperty('access-control-allow-origin');
    expect((await ask(server.address, '/v1/models', { origin: server.address })).status).toBe(200);
    expect((await ask(server.address, '/v1/models', { origin: 'null' })).status).toBe(403);
  });

  test('an origin that is allowed may ask, and reads the headers that it needs', async () => {
    const origin = 'https://page.example';
    const answer = await ask(crossOrigin.address, '/v1/models', { origin });
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'access-control-allow-origin': origin,
        'cross-origin-resource-policy': 'cross-origin',
      },
    });
    expect(answer.headers['access-control-expose-headers']).toMatch(/retry-after.*x-webssl-synthetic/);
    const other = await ask(crossOrigin.address, '/v1/models', { origin: 'https://evil.example' });
    expect(other.status).toBe(403);
  });

  test('every origin may ask where that is said', async () => {
    const answer = await ask(everyOrigin.address, '/v1/models', { origin: 'https://any.example' });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, '*']);
  });

  test('a browser that asks beforehand is told whether it may', async () => {
    const headers = { origin: 'https://page.example', 'access-control-request-method': 'POST' };
    const allowed = await ask(crossOrigin.address, '/v1/features', headers, 'OPTIONS');
    expect([allowed.status, allowed.headers['access-control-allow-origin']]).toEqual([204, headers.origin]);
    const refused = await ask(server.address, '/v1/features', headers, 'OPTIONS');
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

test('an answer has an id, the client’s own where it is one, and headers for browsers', async () => {
  const server = await startTestServer();
  try {
    const own = await ask(server.address, '/livez', { 'x-request-id': 'order-66.a' });
    expect(own.headers).toMatchObject({
      'x-request-id': 'order-66.a',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    const odd = await ask(server.address, '/livez', { 'x-request-id': 'a b<script>' });
    expect(odd.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  } finally {
    await server.close();
  }
});
