import { afterEach, expect, test } from 'vitest';
import type { RunningServer } from '../start-server.js';
import { SteeredDevice } from '../testing/steered-device.js';
import { imageBytes } from '../testing/test-images.js';
import { startTestServer } from '../testing/test-server.js';
import { until } from '../testing/until.js';

const open: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function startOn(device: SteeredDevice): Promise<RunningServer> {
  const server = await startTestServer({ encoder: { device, isolation: 'thread' } });
  open.push(server);
  return server;
}

async function readiness({ address }: RunningServer) {
  const answer = await fetch(`${address}/readyz`);
  const body = (await answer.json()) as { status: string; reason?: string };
  return { code: answer.status, retryAfter: answer.headers.get('retry-after'), ...body };
}

function askForFeatures({ address }: RunningServer): Promise<Response> {
  return fetch(`${address}/v1/features`, {
    method: 'POST',
    body: imageBytes('rocket.jpg'),
    headers: { 'content-type': 'image/jpeg' },
  });
}

test('a server is ready only after an inference in every batch size that suits the device', async () => {
  const device = await SteeredDevice.create(1, 4, 8);
  const release = device.hold();
  const server = await startOn(device);
  await until('the first inference has begun', () => device.batches.length > 0);
  expect(await readiness(server)).toMatchObject({
    code: 503,
    retryAfter: '1',
    status: 'not ready',
    reason: expect.stringContaining('not computed an image yet'),
  });
  expect(await (await fetch(`${server.address}/livez`)).json()).toEqual({ status: 'alive' });
  release();
  await server.ready;
  expect(device.batches).toEqual([1, 4, 8]);
  expect(await readiness(server)).toMatchObject({
    code: 200,
    retryAfter: null,
    status: 'ready',
    devices: [{ name: 'cpu:fp32@0', state: 'good' }],
  });
});

test('a server is not ready while its device is lost, and ready again when it computes again', async () => {
  const device = await SteeredDevice.create();
  const server = await startOn(device);
  await server.ready;
  device.lose();
  const refused = await askForFeatures(server);
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  const text = await refused.text();
  expect(JSON.parse(text)).toMatchObject({ error: { code: 'BACKEND_LOST', type: 'server_error' } });
  expect(text).not.toContain('/secret/place');
  expect(await readiness(server)).toMatchObject({
    code: 503,
    reason: expect.stringContaining('No device computes'),
    devices: [{ state: expect.stringMatching(/lost|retired/) }],
  });
  device.mend();
  await until('the server is ready again', async () => (await readiness(server)).code === 200);
  expect((await askForFeatures(server)).status).toBe(200);
});

test('the figures count what was answered', async () => {
  const device = await SteeredDevice.create();
  const server = await startOn(device);
  await server.ready;
  await askForFeatures(server).then((answer) => answer.text());
  const images = [imageBytes('rocket.jpg').toString('base64'), 'bm8gaW1hZ2U='];
  const mixed = await fetch(`${server.address}/v1/features`, {
    method: 'POST',
    body: JSON.stringify({ images }),
    headers: { 'content-type': 'application/json' },
  });
  await mixed.text();
  await fetch(`${server.address}/nowhere`).then((answer) => answer.text());
  const figures = await metricsOf(server);
  expect(figures).toMatchObject({
    'webssl_requests_total{route="/v1/features",status="200"}': 2,
    'webssl_requests_total{route="none",status="404"}': 1,
    'webssl_images_total{result="ok"}': 2,
    'webssl_images_total{result="IMAGE_FORMAT_UNSUPPORTED"}': 1,
    webssl_batch_size_images_sum: 2,
    webssl_batch_size_images_count: 2,
    webssl_queue_wait_seconds_count: 2,
    webssl_batch_errors_total: 0,
    webssl_device_losses_total: 0,
    'webssl_queue_images{stage="waiting"}': 0,
    'webssl_queue_images{stage="running"}': 0,
    webssl_queue_bytes: 0,
    webssl_ready: 1,
  });
  device.lose();
  await askForFeatures(server).then((answer) => answer.text());
  const later = await metricsOf(server);
  expect(later).toMatchObject({
    'webssl_requests_total{route="/v1/features",status="503"}': 1,
    'webssl_images_total{result="BACKEND_LOST"}': 1,
    webssl_batch_errors_total: 1,
    webssl_ready: 0,
  });
  expect(later['webssl_device_losses_total']).toBeGreaterThan(0);
});

/** Reads the Prometheus text format (0.0.4), strictly: a comment or a sample in every line. */
async function metricsOf({ address }: RunningServer): Promise<Readonly<Record<string, number>>> {
  const answer = await fetch(`${address}/metrics`);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const samples: [string, number][] = [];
  for (const line of (await answer.text()).trimEnd().split('\n')) {
    if (line === '' || /^# (HELP|TYPE) \w+ \S/.test(line)) continue;
    const [, name, value] =
      /^([a-zA-Z_:][\w:]*(?:\{(?:\w+="[^"]*",?)*\})?) (-?[\d.e+-]+|NaN|[+-]Inf)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`no sample: ${line}`);
    samples.push([name, Number(value)]);
  }
  return Object.fromEntries(samples);
}
