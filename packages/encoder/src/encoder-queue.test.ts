import { performance } from 'node:perf_hooks';
import type { BatchReport } from '@webssl/scheduler';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { afterEach, expect, test } from 'vitest';
import type { Encoder } from './encoder.js';
import { type LoadEncoderOptions, loadEncoder } from './load-encoder.js';
import { batchingCpu } from './testing/batching-cpu.js';

const tiny = goldenCheckpoint('vit-tiny-p14');
const [astronaut, chelsea, china, flower] = ['astronaut.png', 'chelsea.png', 'china.jpg', 'flower.jpg'].map(
  goldenImage,
) as [string, string, string, string];
const open: Encoder[] = [];

async function load(options: LoadEncoderOptions = {}): Promise<Encoder> {
  const encoder = await loadEncoder(tiny, options);
  open.push(encoder);
  return encoder;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((encoder) => encoder.close()));
});

test('requests for other features and scales share a batch, and each gets the bits that it gets alone', async () => {
  const batches: BatchReport[] = [];
  const features = ['last_hidden_state', 'hidden_states.2'] as const;
  const shared = await load({
    device: batchingCpu(4),
    features,
    maxBatchWait: 60_000,
    onBatch: (batch) => batches.push(batch),
  });
  const alone = await load({ features, threads: 1 });
  const requests = [
    { image: astronaut, options: { features: ['cls'] } },
    { image: chelsea, options: { features: ['mean', 'hidden_states.2'], normalize: true } },
    { image: china, options: { features: ['last_hidden_state'] } },
    { image: china, options: { features: ['patches', 'cls'], normalize: true } },
  ] as const;
  const together = await Promise.all(
    requests.map(({ image, options }) => shared.encode<string>(image, options)),
  );
  expect(batches).toMatchObject([{ items: 4, waits: Array(4).fill(expect.any(Number)) }]);
  for (const [index, { image, options }] of requests.entries()) {
    expect(together[index]).toEqual(await alone.encode<string>(image, options));
  }
});

test('what the sessions that stay open do not serve has a batch of its own', async () => {
  const batches: number[] = [];
  const encoder = await load({
    device: batchingCpu(4),
    features: ['cls'],
    maxBatchWait: 100,
    onBatch: ({ items }) => batches.push(items),
  });
  const features = await Promise.all([
    encoder.encode(china),
    encoder.encode(flower, { features: ['hidden_states.1'] }),
    encoder.encode(chelsea),
  ]);
  expect(features.map((named) => Object.keys(named))).toEqual([['cls'], ['hidden_states.1'], ['cls']]);
  expect(batches.sort()).toEqual([1, 2]);
});

test('room is held for all images of a request or for none, and comes back', async () => {
  const encoder = await load({ queue: { items: 4, bytes: 1000 } });
  const held = encoder.reserve({ items: 2, bytes: 600 }, 'one');
  expect(encoder.queue.held).toEqual({ items: 2, bytes: 600 });
  expect(() => encoder.reserve({ items: 3 }, 'two')).toThrow(
    expect.objectContaining({
      code: 'QUEUE_FULL',
      details: expect.objectContaining({ retryAfterSeconds: expect.any(Number) }),
    }),
  );
  expect(() => encoder.reserve({ items: 1, bytes: 401 }, 'two')).toThrow(/bytes/);
  expect(() => encoder.reserve({ items: 5 }, 'two')).toThrow(
    expect.objectContaining({ code: 'QUEUE_TOO_SMALL' }),
  );
  held.grow({ items: 1 });
  const results = [china, flower].map((image) => held.encode(image, { features: ['cls'] }));
  const [first] = await Promise.all(results);
  expect(first?.cls).toEqual((await encoder.encode(china, { features: ['cls'] })).cls);
  expect(encoder.queue.held).toEqual({ items: 1, bytes: 600 });
  held.release();
  expect(encoder.queue).toMatchObject({
    waiting: 0,
    preparing: 0,
    prepared: 0,
    running: 0,
    held: { items: 0, bytes: 0 },
    itemsPerSecond: expect.any(Number),
  });
});

test('a full queue refuses encode too, and is of use again once it has drained', async () => {
  const encoder = await load({ queue: { items: 1, bytes: 1000 } });
  const held = encoder.reserve({ items: 1 }, 'one');
  await expect(encoder.encode(china)).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  held.release();
  expect((await encoder.encode(china)).last_hidden_state.dims).toEqual([257, 64]);
});

test('a bad image in a reservation has its own error and gives its place back', async () => {
  const encoder = await load({ queue: { items: 4, bytes: 1000 } });
  const held = encoder.reserve({ items: 2 });
  const [bad, good] = await Promise.allSettled([
    held.encode(new Uint8Array([1, 2, 3])),
    held.encode(china, { features: ['cls'] }),
  ]);
  expect(bad).toMatchObject({ status: 'rejected', reason: { code: expect.stringMatching(/^IMAGE_/) } });
  expect(good).toMatchObject({ status: 'fulfilled' });
  expect(encoder.queue.held.items).toBe(0);
  await expect(held.encode(china)).rejects.toThrow(RangeError);
});

test('a deadline that has passed ends with DEADLINE_EXCEEDED and costs no run', async () => {
  const batches: BatchReport[] = [];
  const encoder = await load({ onBatch: (batch) => batches.push(batch) });
  await expect(encoder.encode(china, { deadline: performance.now() - 1 })).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
  });
  expect(batches).toEqual([]);
  const results = [];
  for await (const result of encoder.encodeAll([china, flower], { deadline: performance.now() - 1 }))
    results.push(result);
  expect(results).toMatchObject(Array(2).fill({ error: { code: 'DEADLINE_EXCEEDED' } }));
  const late = performance.now() + 60_000;
  expect((await encoder.encode(china, { deadline: late })).last_hidden_state.dims).toEqual([257, 64]);
});

test('a deadline that passes while the device works ends the waiting at once', async () => {
  const encoder = await load({ threads: 1 });
  await encoder.encode(china);
  const processId = Number(encoder.info.devices[0]?.details['processId']);
  process.kill(processId, 'SIGSTOP');
  const late = encoder.encode(china, { deadline: performance.now() + 300 });
  await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  process.kill(processId, 'SIGCONT');
  expect((await encoder.encode(flower, { features: ['cls'] })).cls.dims).toEqual([64]);
});

test('after close every way in says ENCODER_CLOSED, a reservation from before too', async () => {
  const encoder = await load();
  const held = encoder.reserve({ items: 2 });
  const underWay = held.encode(china);
  const closing = encoder.close();
  await expect(underWay).rejects.toMatchObject({ code: 'ENCODER_CLOSED' });
  await closing;
  await expect(held.encode(china)).rejects.toMatchObject({ code: 'ENCODER_CLOSED' });
  expect(() => encoder.reserve({ items: 1 })).toThrow(expect.objectContaining({ code: 'ENCODER_CLOSED' }));
  await expect(encoder.checkDevices(china)).rejects.toMatchObject({ code: 'ENCODER_CLOSED' });
  held.release();
  expect(encoder.queue.held).toEqual({ items: 0, bytes: 0 });
});

test.each([{ maxBatchWait: -1 }, { queue: { items: 0, bytes: 1 } }])('%o is refused', async (options) => {
  await expect(loadEncoder(tiny, options)).rejects.toMatchObject({ code: 'SCHEDULER_OPTION_INVALID' });
});
