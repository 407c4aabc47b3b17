import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { WebsslError } from '@webssl/backend';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { presentedKey } from './presented-key.js';

/** Tells what it took for the key. */
const server = createServer((request, response) => {
  try {
    response.end(JSON.stringify({ key: presentedKey(request.headers) ?? null }));
  } catch (error) {
    response.end(WebsslError.isInstance(error) ? JSON.stringify({ code: error.code }) : 'other');
  }
});
let port = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

/** Sends header lines as they are: clients would tidy them. */
async function answerTo(...lines: readonly string[]): Promise<unknown> {
  const socket = connect(port, '127.0.0.1');
  socket.end(
    `GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`,
  );
  const chunks = await socket.toArray();
  return JSON.parse(
    Buffer.concat(chunks)
      .toString('latin1')
      .split('\r\n\r\n')[1]
      ?.replace(/^[0-9a-f]+\r\n|\r\n.*$/gs, '') ?? '',
  );
}

test.each([
  ['nothing', []],
  ['a header of another name', ['api-key: webssl_a']],
])('%s brings no key', async (_, lines) => {
  expect(await answerTo(...lines)).toEqual({ key: null });
});

test.each([
  ['Authorization: Bearer webssl_a'],
  ['authorization: bearer webssl_a'],
  ['AUTHORIZATION:BEARER   webssl_a  '],
  ['x-api-key: webssl_a'],
  ['X-Api-Key:   webssl_a  '],
  ['Authorization: Bearer webssl_a', 'x-api-key: webssl_a'],
])('%s %s', async (...lines) => {
  expect(await answerTo(...lines)).toEqual({ key: 'webssl_a' });
});

test.each([
  ['Authorization:'],
  ['Authorization: Bearer'],
  ['Authorization: Bearer '],
  ['Authorization: webssl_a'],
  ['Authorization: Basic webssl_a'],
  ['Authorization: Bearerwebssl_a'],
  ['Authorization: Bearer\twebssl_a'],
  ['Authorization: Bearer webssl_a, Bearer webssl_b'],
  ['Authorization: Bearer webssl_a webssl_a'],
  ['Authorization: Bearer ümlaut'],
  [`Authorization: Bearer ${'a'.repeat(513)}`],
  ['x-api-key:'],
  ['x-api-key: Bearer webssl_a'],
  ['x-api-key: webssl_a', 'x-api-key: webssl_a'],
  [`x-api-key: ${'a'.repeat(513)}`],
  ['Authorization: Bearer webssl_a', 'x-api-key: webssl_b'],
  ['Authorization: Basic eDp5', 'x-api-key: webssl_a'],
  ['Authorization: Bearer webssl_a', 'x-api-key:'],
])('%s %s is malformed', async (...lines) => {
  expect(await answerTo(...lines)).toEqual({ code: 'API_KEY_MALFORMED' });
});

test('whatever the headers are: a key that stands in them, none, or the one error, which does not repeat them', () => {
  const piece = fc.constantFrom('Bearer', 'bearer', ' ', '\t', ',', 'secret-a', 'secret-b', 'Basic', '');
  const value = fc.oneof(
    fc.array(piece, { maxLength: 5 }).map((all) => all.join('')),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('Bearer secret-a', 'secret-a', 'Bearer secret-b'),
  );
  const headers = fc.record(
    { authorization: value, 'x-api-key': fc.oneof(value, fc.array(value, { maxLength: 2 })) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(headers, (any: IncomingHttpHeaders) => {
      const texts = Object.values(any).flat();
      try {
        const key = presentedKey(any);
        if (key === undefined) expect(texts).toEqual([]);
        else for (const text of texts) expect(text?.replace(/^bearer +/i, '').trim()).toBe(key);
      } catch (error) {
        if (!WebsslError.isInstance(error, 'API_KEY_MALFORMED')) throw error;
        expect(error.message).not.toMatch(/secret-[ab]/);
      }
    }),
    { numRuns: 2000 },
  );
});

test('any key of visible letters comes through, in either header', () => {
  const visible = Array.from({ length: 0x7e - 0x20 }, (_, index) => String.fromCharCode(0x21 + index));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...visible), minLength: 1, maxLength: 512 }), (key) => {
      expect(presentedKey({ authorization: `Bearer ${key}` })).toBe(key);
      expect(presentedKey({ 'x-api-key': key })).toBe(key);
    }),
  );
});
