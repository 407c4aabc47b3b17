import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningServer } from '../start-server.js';
import { askForCls, jsonOf } from '../testing/ask.js';
import { ExpectedFeatures } from '../testing/expected-features.js';
import { numberedImage } from '../testing/numbered-image.js';
import { startTestServer } from '../testing/test-server.js';

const requests = 500;
const clients = 24;

let expected: ExpectedFeatures;
let server: RunningServer;

beforeAll(async () => {
  expected = await ExpectedFeatures.load();
  server = await startTestServer({ encoder: { isolation: 'process', threads: 2, sessions: 2 } });
  await server.ready;
});
afterAll(async () => {
  await server.close();
  await expected.close();
});

interface Line {
  readonly index: number;
  readonly features: { readonly cls: { readonly data: readonly number[] } };
}

/** Sends request `number` in one of the forms of the interface, and checks every answer against its image. */
async function ask(number: number): Promise<number> {
  const ownImages = Array.from({ length: 1 + (number % 3) }, (_, position) =>
    numberedImage(number * 3 + position),
  );
  const [first] = ownImages;
  if (first === undefined || number % 4 === 0) {
    const image = numberedImage(number * 3);
    expect((await askForCls(server.address, image)).cls).toEqual(await expected.cls(image));
    return 1;
  }
  const isEmbedding = number % 4 === 1;
  const answer = await fetch(`${server.address}/v1/${isEmbedding ? 'embeddings' : 'features'}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(number % 4 === 2 ? { accept: 'application/x-ndjson' } : {}),
    },
    body: isEmbedding
      ? JSON.stringify({ input: ownImages.map((image) => image.toString('base64')) })
      : jsonOf(ownImages),
  });
  expect(answer.status).toBe(200);
  const text = await answer.text();
  const vectors = vectorsOf(text, number % 4);
  expect(vectors.map(({ index }) => index)).toEqual(ownImages.map((_, index) => index));
  for (const { index, vector } of vectors) {
    expect(Float32Array.from(vector)).toEqual(await expected.cls(ownImages[index] ?? first));
  }
  return vectors.length;
}

function vectorsOf(
  text: string,
  kind: number,
): readonly { readonly index: number; readonly vector: readonly number[] }[] {
  if (kind === 1) {
    const { data } = JSON.parse(text) as { data: readonly { index: number; embedding: readonly number[] }[] };
    return data.map(({ index, embedding }) => ({ index, vector: embedding }));
  }
  const lines =
    kind === 2
      ? text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Line)
      : (JSON.parse(text) as { results: readonly Line[] }).results;
  return lines.map(({ index, features }) => ({ index, vector: features.cls.data }));
}

it(`two sessions and ${requests} requests of every kind at once: each answer belongs to its image, none is lost or doubled`, async () => {
  let next = 0;
  const images: number[] = [];
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (next < requests) images.push(await ask(next++));
    }),
  );
  const metrics = await (await fetch(`${server.address}/metrics`)).text();
  expect(images).toHaveLength(requests);
  const sum = images.reduce((total, count) => total + count, 0);
  expect(metrics).toContain(`webssl_images_total{result="ok"} ${sum}\n`);
  expect(server.encoder.info.devices).toHaveLength(2);
  const { held } = server.encoder.queue;
  expect(held).toEqual({ items: 0, bytes: 0 });
});
