import { once } from 'node:events';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testCertificate } from '../remote-images/testing/test-certificate.js';
import type { RunningServer } from '../start-server.js';
import { ExpectedFeatures } from '../testing/expected-features.js';
import { numberedImage } from '../testing/numbered-image.js';
import { closed, exchange, type RawAnswer, takeAnswer } from '../testing/raw-http.js';
import { startTestServer } from '../testing/test-server.js';

let expected: ExpectedFeatures;
let server: RunningServer;

beforeAll(async () => {
  expected = await ExpectedFeatures.load();
  server = await startTestServer({
    settings: {
      tls: { certificate: Buffer.from(testCertificate.cert), key: Buffer.from(testCertificate.key) },
      connectionTimes: { head: 500 },
    },
  });
  await server.ready;
});
afterAll(async () => {
  await server.close();
  await expected.close();
});

function openTls(options: ConnectionOptions = {}): TLSSocket {
  const socket = connect({
    host: '127.0.0.1',
    port: Number(new URL(server.address).port),
    servername: 'images.example.org',
    ca: testCertificate.cert,
    ...options,
  });
  socket.on('error', () => undefined);
  return socket;
}

/** Everything that comes until the connection is closed. */
async function readAll(socket: TLSSocket): Promise<RawAnswer | undefined> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await closed(socket);
  return takeAnswer(Buffer.concat(chunks))?.answer;
}

it('is told by the address of the server', () => {
  expect(server.address).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
});

it('answers right to who checks the certificate, and tells to come by https only', async () => {
  const image = numberedImage(3);
  const socket = openTls();
  await once(socket, 'secureConnect');
  expect(socket.authorized).toBe(true);
  socket.write(
    `POST /v1/features?features=cls HTTP/1.1\r\nhost: images.example.org\r\nconnection: close\r\ncontent-type: image/bmp\r\ncontent-length: ${image.length}\r\n\r\n`,
  );
  socket.write(image);
  const answer = await readAll(socket);
  expect(answer?.status).toBe(200);
  expect(answer?.headers.get('strict-transport-security')).toMatch(/^max-age=\d+/);
  const { results } = JSON.parse(answer?.body.toString() ?? '');
  expect(Float32Array.from(results[0].features.cls.data)).toEqual(await expected.cls(image));
});

it('does not answer to http', async () => {
  const plain = server.address.replace('https:', 'http:');
  const { answers } = await exchange(plain, 'GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n');
  expect(answers.map(({ status }) => status)).not.toContain(200);
});

it.each(['TLSv1', 'TLSv1.1'] as const)('does not speak %s', async (version) => {
  const socket = openTls({ minVersion: version, maxVersion: version });
  let isSecure = false;
  socket.on('secureConnect', () => {
    isSecure = true;
  });
  await closed(socket);
  expect(isSecure).toBe(false);
});

it('has the same limits of a head as http', async () => {
  const long = openTls();
  long.write(`GET /livez HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(17_000)}\r\n\r\n`);
  expect((await readAll(long))?.status).toBe(431);
  const slow = openTls();
  slow.write('GET /livez HTTP/1.1\r\n');
  expect((await readAll(slow))?.status).toBe(408);
});
