import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LimitDescription, limitTable, resolveLimits } from '../limits/server-limits.js';
import type { RunningServer } from '../start-server.js';
import { startTestServer } from '../testing/test-server.js';

let server: RunningServer;

beforeAll(async () => {
  server = await startTestServer({
    limits: { imagesPerRequest: 7, timeout: 12_000 },
    settings: { servedFeatures: ['cls', 'mean'], imagesPerMinute: 600, normalize: true },
  });
  await server.ready;
});
afterAll(() => server.close());

test('/info tells the model, the device that executes, the processing and every limit', async () => {
  const answer = await fetch(`${server.address}/info`);
  expect(answer.status).toBe(200);
  const limits = resolveLimits({ imagesPerRequest: 7, timeout: 12_000 });
  expect(await answer.json()).toEqual({
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    model: {
      id: 'vit-tiny-p14',
      synthetic: false,
      architecture: 'vit',
      layers: 4,
      heads: 4,
      width: 64,
      patchSize: 14,
      weightType: 'F32',
      weightBytes: expect.any(Number),
    },
    image: {
      size: { height: 224, width: 224 },
      processor: expect.objectContaining({ centerCrop: { height: 224, width: 224 } }),
      exif: 'ignore',
      resize: 'exact',
    },
    features: { default: 'cls', normalize: true, served: ['cls', 'mean'] },
    devices: [
      {
        backend: 'cpu',
        name: expect.any(String),
        precision: 'fp32',
        library: expect.stringContaining('onnxruntime'),
        isolation: 'thread',
        index: 0,
        state: 'good',
      },
    ],
    queue: expect.objectContaining({ waiting: 0, preparing: 0, prepared: 0, running: 0, bytes: 0 }),
    limits: Object.entries<LimitDescription>(limitTable).map(([name, { unit, meaning, status, flag }]) => ({
      name,
      value: Object.entries(limits).find(([limit]) => limit === name)?.[1],
      unit,
      meaning,
      ...(status === undefined ? {} : { status }),
      flag,
    })),
    authentication: false,
    imagesPerMinute: 600,
    urls: false,
  });
});

test('no answer tells where the model lies', async () => {
  const folder = goldenCheckpoint('');
  for (const path of ['/info', '/v1/models', '/openapi.json', '/metrics', '/readyz']) {
    const answer = await fetch(`${server.address}${path}`);
    expect(answer.status).toBe(200);
    expect((await answer.text()) + JSON.stringify([...answer.headers])).not.toContain(folder);
  }
});
