import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLoopback, requireLocalHost } from './local-host.js';
import { RequestRefusal } from './request-refusal.js';
import { serveHubCache } from './serve-hub-cache.js';
import { makeCache, writeRepository } from './testing/cache-on-disk.js';
import { rawRequest } from './testing/raw-request.js';

it.each([
  'localhost',
  'LOCALHOST:80',
  'cache.localhost:8750',
  '127.0.0.1:8750',
  '127.1.2.3',
  '[::1]:8750',
  '[::ffff:127.0.0.1]',
  'my-machine:8750',
])('a request to %s is one to this machine', (host) => {
  expect(() => requireLocalHost(host, 'My-Machine')).not.toThrow();
});

it.each([
  undefined,
  '',
  'attacker.example:8750',
  '127.0.0.1.attacker.example',
  'localhost.attacker.example',
  'notlocalhost',
  '10.0.0.1',
  '[::2]:8750',
  '[fe80::1%lo]',
  'localhost:80:90',
  'attacker.example:80@localhost',
])('a request to %s is refused', (host) => {
  expect(() => requireLocalHost(host, '127.0.0.1')).toThrow(RequestRefusal);
});

it.each([
  ['127.0.0.1', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['fe80::1%eth0', false],
])('whether only this machine can reach %s: %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});

describe('a web page whose name leads to this machine', () => {
  let cache = '';
  beforeAll(async () => {
    cache = await makeCache();
    await writeRepository(cache, {
      id: 'org/private',
      commit: '1'.repeat(40),
      files: { 'config.json': '{}' },
    });
  });
  afterAll(() => rm(dirname(cache), { recursive: true }));

  const bytes = 'GET /api/models HTTP/1.1\r\nHost: attacker.example:8750\r\nConnection: close\r\n';

  it('reads nothing of an endpoint without a token', async () => {
    const server = await serveHubCache({ hubCacheFolder: cache });
    const { status, text } = await rawRequest(server.endpoint, `${bytes}\r\n`);
    await server.close();
    expect(status).toBe(403);
    expect(text).toContain('--token-file');
    expect(text).not.toContain('org/private');
  });

  it('is any other client where a token is wanted', async () => {
    const server = await serveHubCache({ hubCacheFolder: cache, token: 'hf_right' });
    const authorization = 'Authorization: Bearer hf_right\r\n';
    const { status } = await rawRequest(server.endpoint, `${bytes}${authorization}\r\n`);
    await server.close();
    expect(status).toBe(200);
  });

  it('is any other client of an endpoint for other machines', async () => {
    const server = await serveHubCache({ hubCacheFolder: cache, host: '0.0.0.0' });
    const { status } = await rawRequest(server.endpoint, `${bytes}\r\n`);
    await server.close();
    expect(status).toBe(200);
  });
});
