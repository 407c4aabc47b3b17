import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '../access/api-key.js';
import type { RunningServer } from '../start-server.js';
import { askForCls, jsonOf } from '../testing/ask.js';
import { deviceProcessOf } from '../testing/device-process.js';
import { ExpectedFeatures } from '../testing/expected-features.js';
import { numberedImage } from '../testing/numbered-image.js';
import { startTestServer } from '../testing/test-server.js';
import { until } from '../testing/until.js';

const canStop = existsSync('/proc');
const obstacle = canStop ? '' : ' (skipped: needs Linux, to stop the process of the device)';

const names = ['first', 'second', 'third'] as const;
type Client = (typeof names)[number];

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

describe.skipIf(!canStop)(`a server whose device stands still${obstacle}`, () => {
  let folder: string;
  let apiKeysFile: string;
  let server: RunningServer;
  const keys = {} as Record<Client, string>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'webssl-queue-'));
    apiKeysFile = join(folder, 'keys');
    const lines = names.map((name) => {
      const { key, line } = createApiKey(name);
      keys[name] = key;
      return `${line}\n`;
    });
    await writeFile(apiKeysFile, lines.join(''));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  /** A server that has computed a few images, so that it knows its rate, and whose device is then stopped. */
  async function startStopped(
    checkpoint: string,
    limits: Parameters<typeof startTestServer>[0],
  ): Promise<void> {
    server = await startTestServer({
      encoder: { isolation: 'process', threads: 1 },
      model: goldenCheckpoint(checkpoint),
      apiKeysFile,
      ...limits,
    });
    await server.ready;
    for (let image = 0; image < 5; image++)
      expect((await ask('first', [numberedImage(image)])).status).toBe(200);
    stop();
  }

  const stop = () => process.kill(deviceProcessOf(server), 'SIGSTOP');
  const goOn = () => process.kill(deviceProcessOf(server), 'SIGCONT');

  async function ask(client: Client, images: readonly Uint8Array[], signal?: AbortSignal): Promise<Answer> {
    const answer = await fetch(`${server.address}/v1/features`, {
      method: 'POST',
      body: jsonOf(images),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${keys[client]}` },
      ...(signal === undefined ? {} : { signal }),
    });
    return {
      status: answer.status,
      retryAfter: answer.headers.get('retry-after'),
      text: await answer.text(),
    };
  }

  const inQueue = () => {
    const { waiting, preparing, prepared, running } = server.encoder.queue;
    return waiting + preparing + prepared + running;
  };
  const many = (count: number, side?: number) =>
    Array.from({ length: count }, (_, number) => numberedImage(number, side));

  async function expectDrained(): Promise<void> {
    await until('the queue is empty', () => inQueue() === 0);
    const { held } = server.encoder.queue;
    expect(held).toEqual({ items: 0, bytes: 0 });
  }

  it('answers 429 when its places are taken, with the time that the rate says', async () => {
    // A larger model, so that the time is more than the one second that is the least.
    await startStopped('dinov2-tiny-518', { limits: { queueImages: 200, imagesPerRequest: 150 } });
    try {
      const gone = new AbortController();
      const first = ask('first', many(150), gone.signal).catch(() => 'gone');
      await until('the first is queued', () => inQueue() === 150);
      const second = ask('second', many(20));
      // The device has its two batches of one image, and takes no more.
      await until(
        'the second is queued',
        () => inQueue() === 170 && server.encoder.queue.batchesRunning === 2,
      );

      const rate = server.encoder.queue.itemsPerSecond ?? Number.NaN;
      const held = 168;
      expect(server.encoder.queue.held.items).toBe(held);
      const wanted = 140;
      const refused = await ask('third', many(wanted));
      expect(refused.status).toBe(429);
      expect(JSON.parse(refused.text).error).toMatchObject({ code: 'QUEUE_FULL', type: 'rate_limit_error' });
      const wait = Math.max(1, Math.ceil((held + wanted - 200) / rate));
      expect(refused.retryAfter).toBe(String(wait));
      expect(JSON.parse(refused.text).error.message).toContain('of 200 images');

      const own = await ask('first', many(10));
      expect(own.status).toBe(429);
      expect(JSON.parse(own.text).error.message).toMatch(
        /^This client has 14\d images in the queue, of at most 150/,
      );

      gone.abort();
      expect(await first).toBe('gone');
      await until('only the second is left', () => server.encoder.queue.held.items <= 20);
      const third = ask('third', many(3));
      await until('the third is queued', () => inQueue() >= 20);
      goOn();
      expect((await second).status).toBe(200);
      expect((await third).status).toBe(200);
      await expectDrained();
    } finally {
      goOn();
      await server.close();
    }
  });

  it('answers 429 when its bytes are taken, before the body is read', async () => {
    const side = 100;
    await startStopped('vit-tiny-p14', {
      limits: { queueBytes: 1_000_000, requestBytes: 700_000, imageBytes: 500_000 },
    });
    try {
      const bytesOf = (images: number) => jsonOf(many(images, side)).length;
      const first = ask('first', many(15, side));
      await until('the first is held', () => server.encoder.queue.held.bytes === bytesOf(15));
      const second = ask('second', many(5, side));
      await until('the second is held', () => server.encoder.queue.held.bytes === bytesOf(15) + bytesOf(5));
      const rate = server.encoder.queue.itemsPerSecond ?? Number.NaN;
      const refused = await ask('third', many(10, side));
      expect(refused.status).toBe(429);
      const { code, message } = JSON.parse(refused.text).error;
      expect(code).toBe('QUEUE_FULL');
      expect(message).toContain('of 1000000 bytes');
      expect(rate).toBeGreaterThan(0);
      expect(Number(refused.retryAfter)).toBeGreaterThanOrEqual(1);
      expect(Number(refused.retryAfter)).toBeLessThanOrEqual(Math.max(1, Math.ceil(20 / rate)));
      // What is small still finds room.
      const small = ask('third', many(1));
      goOn();
      expect([(await first).status, (await second).status, (await small).status]).toEqual([200, 200, 200]);
      await expectDrained();
      expect((await ask('third', many(10, side))).status).toBe(200);
    } finally {
      goOn();
      await server.close();
    }
  });

  it('lets a single request overtake what one client has sent in bulk', async () => {
    const expected = await ExpectedFeatures.load();
    await startStopped('vit-tiny-p14', { limits: { queueImages: 500, imagesPerRequest: 150 } });
    try {
      let linesOfBulk = 0;
      const bulk = [0, 1].map(async () => {
        const answer = await fetch(`${server.address}/v1/features`, {
          method: 'POST',
          body: jsonOf(many(150)),
          headers: {
            'content-type': 'application/json',
            accept: 'application/x-ndjson',
            authorization: `Bearer ${keys.first}`,
          },
        });
        let text = '';
        for await (const chunk of answer.body ?? []) {
          const piece = Buffer.from(chunk).toString();
          text += piece;
          linesOfBulk += piece.split('\n').length - 1;
        }
        return text.trimEnd().split('\n');
      });
      await until('the bulk is queued', () => inQueue() === 300);
      const single = askForCls(server.address, numberedImage(7), {
        headers: { authorization: `Bearer ${keys.second}` },
      });
      await until('the single is queued', () => inQueue() === 301);
      goOn();
      const reply = await single;
      expect(reply.cls).toEqual(await expected.cls(numberedImage(7)));
      // What was prepared or on the device when it came is all that may be before it, and no more is known to be done.
      expect(linesOfBulk).toBeLessThan(100);
      for (const lines of await Promise.all(bulk)) {
        expect(lines.map((line) => JSON.parse(line).index)).toEqual(many(150).map((_, index) => index));
        const last = JSON.parse(lines[149] ?? '');
        expect(Float32Array.from(last.features.cls.data)).toEqual(await expected.cls(numberedImage(149)));
      }
      await expectDrained();
    } finally {
      goOn();
      await server.close();
      await expected.close();
    }
  });
});
