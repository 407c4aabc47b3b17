import { afterEach, expect, test } from 'vitest';
import type { RunningServer } from '../start-server.js';
import { exchange, open as openConnection } from '../testing/raw-http.js';
import { SteeredDevice } from '../testing/steered-device.js';
import { imageBytes } from '../testing/test-images.js';
import { startTestServer, type TestServerOptions } from '../testing/test-server.js';
import { until } from '../testing/until.js';

const rocket = imageBytes('rocket.jpg');
const open: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function start(options: TestServerOptions): Promise<RunningServer> {
  const server = await startTestServer(options);
  open.push(server);
  return server;
}

function headOf(length: number | 'chunked'): string {
  const framing = length === 'chunked' ? 'transfer-encoding: chunked' : `content-length: ${length}`;
  return `POST /v1/features HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/jpeg\r\n${framing}\r\n\r\n`;
}

function send({ address }: RunningServer, body: Buffer): Promise<Response> {
  return fetch(`${address}/v1/features`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'image/jpeg' },
  });
}

test('a body that announces too much is refused before any of it is sent, with the limit', async () => {
  const server = await start({ limits: { requestBytes: 10_000 } });
  const { answers } = await exchange(server.address, headOf(10_001));
  expect(answers.map(({ status, headers }) => [status, headers.get('connection')])).toEqual([[413, 'close']]);
  expect(JSON.parse(String(answers[0]?.body))).toMatchObject({
    error: { code: 'REQUEST_TOO_LARGE', message: expect.stringContaining('10000 bytes') },
  });
  expect(server.encoder.queue.held.bytes).toBe(0);
});

test('a body in chunks is refused as soon as it is too large', async () => {
  const server = await start({ limits: { requestBytes: 10_000 } });
  const chunk = `2710\r\n${'x'.repeat(10_000)}\r\n`;
  const { answers } = await exchange(server.address, `${headOf('chunked')}${chunk}1\r\n`);
  expect(answers).toEqual([]);
  const { answers: refused } = await exchange(server.address, `${headOf('chunked')}${chunk}1\r\nx\r\n`);
  expect(refused.map(({ status }) => status)).toEqual([413]);
  await until('nothing is held', () => server.encoder.queue.held.bytes === 0);
}, 40_000);

test('a body of just the limit is taken', async () => {
  const server = await start({ limits: { requestBytes: rocket.length } });
  expect((await send(server, rocket)).status).toBe(200);
  expect((await send(server, Buffer.concat([rocket, Buffer.alloc(1)]))).status).toBe(413);
});

test('the bytes of requests under way count, and those for which there is no room are told when to come again', async () => {
  const device = await SteeredDevice.create();
  const server = await start({
    encoder: { device, isolation: 'thread' },
    limits: { requestBytes: 1_500_000, queueBytes: 2_000_000 },
  });
  await server.ready;
  const waiting = openConnection(server.address);
  waiting.write(headOf(1_500_000));
  await until('the announced bytes are held', () => server.encoder.queue.held.bytes === 1_500_000);
  const { answers } = await exchange(server.address, headOf(600_000));
  const [refused] = answers;
  expect(refused?.status).toBe(429);
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(JSON.parse(String(refused?.body))).toMatchObject({
    error: { code: 'QUEUE_FULL', message: expect.stringMatching(/1500000 of 2000000 bytes/) },
  });
  waiting.destroy();
  await until('they are given back', () => server.encoder.queue.held.bytes === 0);
  expect((await send(server, rocket)).status).toBe(200);
});

test('a client reads its refusal though it has sent much that nobody wanted', async () => {
  const server = await start({ limits: { requestBytes: 100_000 } });
  const large = Buffer.alloc(3_000_000);
  for (let attempt = 0; attempt < 20; attempt++) {
    const answer = await send(server, large);
    expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([
      413,
      'REQUEST_TOO_LARGE',
    ]);
  }
});
