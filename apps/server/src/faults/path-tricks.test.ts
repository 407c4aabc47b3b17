import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../start-server.js';
import { answerFault } from '../testing/fuzzing/answer-fault.js';
import { numberedImage } from '../testing/numbered-image.js';
import { exchange, type RawAnswer } from '../testing/raw-http.js';
import { startTestServer } from '../testing/test-server.js';

const secret = 'do-not-tell-4711';
let folder: string;
let secretFile: string;
let imageFile: string;
let server: RunningServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webssl-secret-'));
  secretFile = join(folder, 'secret.txt');
  imageFile = join(folder, 'private.bmp');
  await writeFile(secretFile, secret);
  await writeFile(imageFile, numberedImage(3));
  server = await startTestServer({ settings: { hostNames: [] } });
  await server.ready;
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Sends a head as it is; every answer must be in order and must not have the secret. */
async function answerTo(head: string, body = ''): Promise<RawAnswer> {
  const { answers } = await exchange(server.address, `${head}\r\n\r\n${body}`);
  const [answer] = answers;
  if (answer === undefined) throw new Error('there was no answer');
  expect(answerFault(answer, false)).toBeUndefined();
  expect(answer.body.toString('latin1')).not.toContain(secret);
  return answer;
}

const upwards = '/..'.repeat(20);
const encodedUpwards = '/%2e%2e'.repeat(20);

describe('a path', () => {
  it.each([
    ['with dots upwards', () => `${upwards}${secretFile}`],
    ['with encoded dots', () => `${encodedUpwards}${secretFile}`],
    ['with encoded slashes', () => `/..%2f..%2f..%2f..${secretFile.replaceAll('/', '%2f')}`],
    ['encoded twice', () => `/%252e%252e${secretFile}`],
    ['with backslashes', () => `/..\\..\\..${secretFile.replaceAll('/', '\\')}`],
    ['of the documentation and upwards', () => `/docs/static${upwards}${secretFile}`],
    ['of the documentation and encoded upwards', () => `/docs/static${encodedUpwards}${secretFile}`],
    ['of the documentation, with encoded slashes', () => `/docs/static/..%2f..%2f..%2f..%2fpackage.json`],
    ['of a file of the machine', () => secretFile],
    ['with two slashes', () => `/${secretFile}`],
    ['with a zero byte', () => `/docs/static/index.html%00${secretFile}`],
    ['with what is no encoding', () => '/docs/static/%c0%ae%c0%ae/%'],
    ['of a file of the package', () => '/../package.json'],
    ['of another program', () => '/.git/config'],
    ['that is very long', () => `/${'a/'.repeat(6000)}`],
  ])('%s finds nothing', async (_, path) => {
    const { status, body } = await answerTo(`GET ${path()} HTTP/1.1\r\nhost: localhost`);
    expect([400, 403, 404]).toContain(status);
    expect(body.toString()).not.toContain('"dependencies"');
  });

  it('of 20000 characters is refused', async () => {
    expect((await answerTo(`GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: localhost`)).status).toBe(431);
  });

  it.each([
    ['twice the slash', '//livez'],
    ['a slash behind', '/livez/'],
    ['capitals', '/LIVEZ'],
    ['a dot', '/./livez'],
    ['a way around', '/docs/../livez'],
  ])('with %s is not that of a route', async (_, path) => {
    expect((await answerTo(`GET ${path} HTTP/1.1\r\nhost: localhost`)).status).toBe(404);
  });
});

describe('a target that names a server', () => {
  it('is looked at by its host header, and asks nobody else', async () => {
    const { status } = await answerTo('GET http://other.example/livez HTTP/1.1\r\nhost: other.example');
    expect([404, 421]).toContain(status);
  });
});

describe('a host that is not of this server', () => {
  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '[::2]',
    '',
    'localhost@evil.example',
    'a b',
    'localhost/x',
    '%6cocalhost',
    '127.0.0.999:1:2',
  ])('%j is refused', async (host) => {
    expect([400, 421]).toContain((await answerTo(`GET /livez HTTP/1.1\r\nhost: ${host}`)).status);
  });

  it.each(['localhost', 'LOCALHOST:1234', '127.0.0.1', '127.8.9.1:80', '[::1]:8000'])(
    'and %j is of it',
    async (host) => {
      expect((await answerTo(`GET /livez HTTP/1.1\r\nhost: ${host}`)).status).toBe(200);
    },
  );

  it('cannot be made one of it by X-Forwarded-Host', async () => {
    const head =
      'GET /livez HTTP/1.1\r\nhost: evil.example\r\nx-forwarded-host: localhost\r\nforwarded: host=localhost';
    expect((await answerTo(head)).status).toBe(421);
  });
});

describe('a client', () => {
  it('that says it is another is still counted as itself', async () => {
    const limited = await startTestServer({ settings: { imagesPerMinute: 2 } });
    await limited.ready;
    const ask = (forwardedFor: string) =>
      fetch(`${limited.address}/v1/features`, {
        method: 'POST',
        body: numberedImage(1),
        headers: {
          'content-type': 'image/bmp',
          'x-forwarded-for': forwardedFor,
          forwarded: `for=${forwardedFor}`,
          'x-real-ip': forwardedFor,
        },
      }).then(async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      });
    expect([await ask('192.0.2.1'), await ask('192.0.2.2'), await ask('192.0.2.3')]).toEqual([200, 200, 429]);
    await limited.close();
  });

  it('is another where a trusted proxy says so', async () => {
    const limited = await startTestServer({
      settings: { imagesPerMinute: 1, trustedProxies: ['127.0.0.1'] },
    });
    await limited.ready;
    const ask = async (forwardedFor: string) => {
      const answer = await fetch(`${limited.address}/v1/features`, {
        method: 'POST',
        body: numberedImage(1),
        headers: { 'content-type': 'image/bmp', 'x-forwarded-for': forwardedFor },
      });
      await answer.arrayBuffer();
      return answer.status;
    };
    // What stands before the address that the proxy saw was written by the client.
    expect([await ask('192.0.2.1'), await ask('192.0.2.2'), await ask('10.9.9.9, 192.0.2.2')]).toEqual([
      200, 200, 429,
    ]);
    await limited.close();
  });
});

describe('an image that is a name', () => {
  const names: readonly (readonly [string, () => string])[] = [
    ['a path', () => imageFile],
    ['a path without its slash', () => imageFile.slice(1)],
    ['a path with dots', () => `../../../../..${imageFile}`],
    ['a file URL', () => pathToFileURL(imageFile).href],
    ['a file URL of a host', () => `file://localhost${imageFile}`],
    ['a file URL without slashes', () => `file:${imageFile}`],
    ['a file URL in capitals', () => `FILE://${imageFile}`],
    ['a file URL behind a space', () => ` file://${imageFile}`],
    ['a file URL behind a line break', () => `\nfile://${imageFile}`],
    ['a file URL behind a zero byte', () => `\0file://${imageFile}`],
    ['a path behind a data scheme', () => `data:${imageFile}`],
    ['a path as the data', () => `data:image/bmp,${imageFile}`],
    ['a path with a zero byte', () => `${imageFile}\0.png`],
    ['a path of the process', () => '/proc/self/environ'],
    ['a share', () => `\\\\localhost${imageFile.replaceAll('/', '\\')}`],
    ['a network URL', () => `${server.address}/openapi.json`],
    ['a URL without scheme', () => `//127.0.0.1${imageFile}`],
    ['a data URI with a scheme within', () => `data:file://${imageFile};base64,AAAA`],
    [
      'a drawing that names a file',
      () => `data:image/svg+xml,<svg><image href="file://${imageFile}"/></svg>`,
    ],
    ['a script', () => `data:text/javascript;base64,${Buffer.from('1').toString('base64')}`],
  ];
  it.each(names)('%s is not read', async (_, name) => {
    for (const [path, member] of [
      ['/v1/features', 'images'],
      ['/v1/embeddings', 'input'],
    ] as const) {
      for (const value of [name(), { image: name() }, [name()]]) {
        const body = JSON.stringify({ [member]: value });
        const { status } = await answerTo(
          `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}`,
          body,
        );
        expect([400, 415, 422]).toContain(status);
      }
    }
  });

  it('in a form is only a name', async () => {
    const form = new FormData();
    form.append('file', new Blob(['']), secretFile);
    form.append('path', imageFile);
    const answer = await fetch(`${server.address}/v1/features`, { method: 'POST', body: form });
    expect(answer.status).toBe(422);
  });
});
