import { type Encoder, loadEncoder } from '@webssl/encoder';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formats } from '../formats/feature-format.js';
import type { RunningServer } from '../start-server.js';
import { bitsOf } from '../testing/bits-of.js';
import { numberedImage } from '../testing/numbered-image.js';
import { safetensorsOfAnswer } from '../testing/read-answer.js';
import { SteeredDevice } from '../testing/steered-device.js';
import { imageBytes } from '../testing/test-images.js';
import { startTestServer } from '../testing/test-server.js';

const rocket = imageBytes('rocket.jpg');
let device: SteeredDevice;
let server: RunningServer;
let alone: Encoder;

beforeAll(async () => {
  device = await SteeredDevice.create(1, 2, 4, 8);
  server = await startTestServer({ encoder: { device, isolation: 'thread' } });
  alone = await loadEncoder(goldenCheckpoint('vit-tiny-p14'), { isolation: 'thread', threads: 1 });
  await server.ready;
});
afterAll(async () => {
  await server.close();
  await alone.close();
});

async function ask(images: readonly Buffer[], features: readonly string[]) {
  const answer = await fetch(`${server.address}/v1/features`, {
    method: 'POST',
    body: JSON.stringify({ images: images.map((image) => image.toString('base64')), features }),
    headers: { 'content-type': 'application/json', accept: formats.safetensors[0] },
  });
  expect(answer.status).toBe(200);
  return bitsOf((await safetensorsOfAnswer(answer)).tensors);
}

test('sixteen clients at once get for every image the bits that it has alone, whatever its batch-mates are', async () => {
  const names = ['cls', 'last_hidden_state'];
  const before = device.batches.length;
  const client = async (number: number): Promise<void> => {
    for (let round = 0; round < 4; round++) {
      const own = numberedImage(number * 10 + round);
      const features = number % 2 === 0 ? names : ['cls'];
      const answer = await ask([own, rocket], features);
      for (const [index, image] of [own, rocket].entries()) {
        const expected = bitsOf(await alone.encode<string>(image, { features }));
        for (const name of features) expect(answer[`${index}.${name}`]).toBe(expected[name]);
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, (_, number) => client(number)));
  // Else this would have shown nothing about batch-mates.
  expect(Math.max(...device.batches.slice(before))).toBeGreaterThan(1);
});
