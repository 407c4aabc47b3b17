import { afterEach, expect, test } from 'vitest';
import type { RunningServer } from '../start-server.js';
import { SteeredDevice } from '../testing/steered-device.js';
import { imageBytes } from '../testing/test-images.js';
import { startTestServer } from '../testing/test-server.js';
import { until } from '../testing/until.js';

const rocket = imageBytes('rocket.jpg');
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A server whose device is busy with somebody's image until it is released. */
async function startBusy(limits = {}) {
  const device = await SteeredDevice.create();
  const server = await startTestServer({ encoder: { device, isolation: 'thread' }, limits });
  open.push(() => server.close());
  await server.ready;
  const release = device.hold();
  open.push(release);
  const before = device.images;
  const busy = send(server);
  await until('the device is busy', () => device.images === before + 1);
  return { device, server, release, busy };
}

function send({ address }: RunningServer, options: RequestInit = {}): Promise<Response> {
  return fetch(`${address}/v1/features`, {
    method: 'POST',
    body: rocket,
    ...options,
    headers: { 'content-type': 'image/jpeg', ...options.headers },
  });
}

test('a request whose time is over is answered with 504, and costs no time of the device', async () => {
  const { device, server, release, busy } = await startBusy();
  const images = device.images;
  const answer = await send(server, { headers: { 'request-timeout': '0.2' } });
  expect([answer.status, await answer.json()]).toEqual([
    504,
    { error: expect.objectContaining({ code: 'DEADLINE_EXCEEDED', type: 'server_error' }) },
  ]);
  release();
  expect((await busy).status).toBe(200);
  expect((await send(server)).status).toBe(200);
  expect(device.images).toBe(images + 1);
});

test('the limit of the server counts where the client allows more', async () => {
  const { server, busy, release } = await startBusy({ timeout: 500 });
  const answer = await send(server, { headers: { 'request-timeout': '600' } });
  expect(answer.status).toBe(504);
  expect((await busy).status).toBe(504);
  release();
});

test.each(['0', '-1', 'soon', '1e3', '0x10', ' ', '1,2'])('a time of %j is refused', async (text) => {
  const server = await startTestServer();
  open.push(() => server.close());
  const answer = await send(server, { headers: { 'request-timeout': text } });
  expect([answer.status, await answer.json()]).toMatchObject([
    422,
    { error: { code: 'REQUEST_INVALID', param: 'Request-Timeout' } },
  ]);
});

test('images of a client that has gone never reach the device', async () => {
  const { device, server, release, busy } = await startBusy();
  const images = device.images;
  const leaving = new AbortController();
  const left = send(server, { signal: leaving.signal }).catch(() => 'left');
  await until('its image waits behind the other', () => server.encoder.queue.running === 2);
  leaving.abort();
  expect(await left).toBe('left');
  await until('it is given up', () => server.encoder.queue.running === 1);
  release();
  expect((await busy).status).toBe(200);
  expect((await send(server)).status).toBe(200);
  expect(device.images).toBe(images + 1);
  expect(server.encoder.queue.held).toEqual({ items: 0, bytes: 0 });
});

test('a full queue of images is told, with the time after which there is room', async () => {
  const { server, release, busy } = await startBusy({ imagesPerRequest: 3, queueImages: 4 });
  const body = JSON.stringify({ images: Array<string>(3).fill(rocket.toString('base64')) });
  const json = { body, headers: { 'content-type': 'application/json' } };
  const three = send(server, json);
  // One of them waits behind the running one; it has left the queue.
  await until(
    'two images are in the queue',
    () => server.encoder.queue.held.items === 2 && server.encoder.queue.running === 2,
  );
  const refused = await send(server, json);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(await refused.json()).toMatchObject({
    error: {
      code: 'QUEUE_FULL',
      type: 'rate_limit_error',
      message: expect.stringContaining('2 of 4 images'),
    },
  });
  release();
  expect([(await busy).status, (await three).status]).toEqual([200, 200]);
  await until('everything is given back', () => server.encoder.queue.held.bytes === 0);
  expect(server.encoder.queue.held.items).toBe(0);
});

test('what is refused for its form costs nothing of the client’s rate', async () => {
  const server = await startTestServer({
    settings: { imagesPerMinute: 2 },
    limits: { imagesPerRequest: 2 },
  });
  open.push(() => server.close());
  const images = (count: number) => ({
    body: JSON.stringify({ images: Array<string>(count).fill(rocket.toString('base64')) }),
    headers: { 'content-type': 'application/json' },
  });
  expect((await send(server, images(3))).status).toBe(413);
  expect((await send(server, images(2))).status).toBe(200);
  const refused = await send(server, images(1));
  expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
});

test('a server that is stopping finishes what it has', async () => {
  const { server, release, busy } = await startBusy();
  const closing = server.close(20_000);
  await expect(fetch(`${server.address}/livez`)).rejects.toThrow();
  release();
  expect((await busy).status).toBe(200);
  await closing;
});
