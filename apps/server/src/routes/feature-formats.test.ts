import type { Tensor } from '@webssl/backend';
import { type Encoder, loadEncoder } from '@webssl/encoder';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningServer } from '../start-server.js';
import { bitsOf } from '../testing/bits-of.js';
import { numberedImage } from '../testing/numbered-image.js';
import {
  jsonOfAnswer,
  linesOfAnswer,
  npyOfAnswer,
  safetensorsOfAnswer,
  tensorsOf,
} from '../testing/read-answer.js';
import { SteeredDevice } from '../testing/steered-device.js';
import { writeSyntheticCheckpoint } from '../testing/synthetic-checkpoint.js';
import { imageBytes, truncatedImage } from '../testing/test-images.js';
import { startTestServer } from '../testing/test-server.js';
import { until } from '../testing/until.js';

const astronaut = imageBytes('astronaut.png');
const rocket = imageBytes('rocket.jpg');
const json = 'application/json';
const ndjson = 'application/x-ndjson';
const npy = 'application/x-npy';
const safetensors = 'application/vnd.safetensors';
const formats = [json, ndjson, npy, safetensors];
let device: SteeredDevice;
let server: RunningServer;
let alone: Encoder;

beforeAll(async () => {
  device = await SteeredDevice.create();
  server = await startTestServer({ encoder: { device, isolation: 'thread' } });
  await server.ready;
  alone = await loadEncoder(goldenCheckpoint('vit-tiny-p14'), { isolation: 'thread', threads: 1 });
});
afterAll(async () => {
  await server.close();
  await alone.close();
});

function ask(
  images: readonly Buffer[],
  accept: string,
  { address = server.address, features = ['cls'] } = {},
): Promise<Response> {
  const body = { images: images.map((image) => image.toString('base64')), features };
  return fetch(`${address}/v1/features`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', accept },
  });
}

async function expected(images: readonly Buffer[], features: readonly string[]) {
  return Promise.all(images.map((image) => alone.encode<string>(image, { features })));
}

test('JSON and NDJSON have the same results', async () => {
  const features = ['cls', 'patches'];
  const alike = await expected([rocket, astronaut], features);
  const whole = await ask([rocket, astronaut], json, { features });
  expect(whole.headers.get('content-type')).toBe(json);
  const { results, ...rest } = await jsonOfAnswer(whole);
  expect(rest).toEqual({ model: 'vit-tiny-p14', synthetic: false });
  expect(results.map(tensorsOf).map(bitsOf)).toEqual(alike.map(bitsOf));
  const lines = await ask([rocket, astronaut], ndjson, { features });
  expect(lines.headers.get('content-type')).toBe(ndjson);
  const read = await linesOfAnswer(lines);
  expect(read.map(tensorsOf).map(bitsOf)).toEqual(alike.map(bitsOf));
  expect(read.map(({ index }) => index)).toEqual([0, 1]);
});

test('npy has one array with a row for each image', async () => {
  const answer = await ask([rocket, astronaut], npy, { features: ['patches'] });
  expect(answer.headers.get('content-type')).toBe(npy);
  const { dims, data } = await npyOfAnswer(answer);
  const [first, second] = await expected([rocket, astronaut], ['patches']);
  expect(dims).toEqual([2, ...(first?.['patches']?.dims ?? [])]);
  expect(data.subarray(0, data.length / 2)).toEqual(first?.['patches']?.data);
  expect(data.subarray(data.length / 2)).toEqual(second?.['patches']?.data);
});

test('npy refuses several features and says which form has room for them', async () => {
  const answer = await ask([rocket], npy, { features: ['cls', 'mean'] });
  expect([answer.status, await answer.json()]).toEqual([
    422,
    {
      error: {
        message: expect.stringContaining('application/vnd.safetensors'),
        type: 'invalid_request_error',
        param: 'features',
        code: 'FORMAT_NEEDS_ONE_FEATURE',
      },
    },
  ]);
});

test('safetensors has a tensor for each feature of each image', async () => {
  const features = ['cls', 'attentions.1'];
  const [first, second] = await expected([rocket, astronaut], features);
  const single = await safetensorsOfAnswer(await ask([rocket], safetensors, { features }));
  expect(bitsOf(single.tensors)).toEqual(bitsOf(first));
  expect(single.metadata).toEqual({
    format: 'webssl-features',
    model: 'vit-tiny-p14',
    synthetic: 'false',
  });
  const several = await safetensorsOfAnswer(await ask([rocket, astronaut], safetensors, { features }));
  expect(bitsOf(several.tensors)).toEqual({
    '0.cls': bitsOf(first)['cls'],
    '0.attentions.1': bitsOf(first)['attentions.1'],
    '1.cls': bitsOf(second)['cls'],
    '1.attentions.1': bitsOf(second)['attentions.1'],
  });
});

test('one bad image never fails its neighbours, in no form of answer', async () => {
  const images = [rocket, truncatedImage(), astronaut];
  const [first, last] = await expected([rocket, astronaut], ['cls']);
  const error = { code: 'IMAGE_DAMAGED', status: 422, param: 'images[1]' };
  const answers = await Promise.all(formats.map((format) => ask(images, format)));
  const [asJson, asLines, asArray, asTensors] = answers as [Response, Response, Response, Response];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);

  const { results } = await jsonOfAnswer(asJson);
  expect(results.map(tensorsOf)).toEqual([first, {}, last]);
  expect(results[1]).toMatchObject({ index: 1, error });
  expect(await linesOfAnswer(asLines)).toEqual(results);

  const { dims, data } = await npyOfAnswer(asArray);
  expect(dims).toEqual([3, 64]);
  expect(data.subarray(0, 64)).toEqual(first?.['cls']?.data);
  expect(data.subarray(64, 128)).toEqual(new Float32Array(64).fill(Number.NaN));
  expect(data.subarray(128)).toEqual(last?.['cls']?.data);
  expect(asArray.headers.get('x-webssl-errors')).toBe('1=IMAGE_DAMAGED');

  const { tensors, metadata } = await safetensorsOfAnswer(asTensors);
  expect(tensors).toEqual({ '0.cls': first?.['cls'], '2.cls': last?.['cls'] });
  expect(JSON.parse(metadata['errors'] ?? '')).toEqual([expect.objectContaining({ index: 1, ...error })]);
});

test.each(formats)(
  'a single image that failed is answered with the status of its error, also as %s',
  async (format) => {
    const answer = await ask([truncatedImage()], format);
    expect([answer.status, answer.headers.get('content-type'), await answer.json()]).toEqual([
      422,
      'application/json; charset=utf-8',
      { error: expect.objectContaining({ code: 'IMAGE_DAMAGED', param: 'images[0]' }) },
    ]);
  },
);

test('where all images failed the status is that of the first error', async () => {
  const images = [truncatedImage(), Buffer.from('no image')];
  const [asJson, asLines, asArray, asTensors] = (await Promise.all(
    formats.map((format) => ask(images, format)),
  )) as [Response, Response, Response, Response];
  expect([asJson.status, asLines.status, asArray.status, asTensors.status]).toEqual([422, 200, 422, 422]);
  const codes = ['IMAGE_DAMAGED', 'IMAGE_FORMAT_UNSUPPORTED'];
  expect((await jsonOfAnswer(asJson)).results.map(({ error }) => error?.code)).toEqual(codes);
  expect((await linesOfAnswer(asLines)).map(({ error }) => error?.code)).toEqual(codes);
  expect(await asArray.json()).toMatchObject({ error: { code: codes[0] } });
  const { tensors, metadata } = await safetensorsOfAnswer(asTensors);
  expect(tensors).toEqual({});
  expect(JSON.parse(metadata['errors'] ?? '')).toMatchObject(codes.map((code) => ({ code })));
});

test('NDJSON gives the first features before the last image is computed', async () => {
  const images = Array.from({ length: 8 }, (_, number) => numberedImage(number));
  const before = device.images;
  const releases = [device.hold()];
  try {
    let isFirstThere = false;
    const asking = ask([...images, Buffer.from('no image')], ndjson).then(async (answer) => {
      const lines = linesAsTheyCome(answer);
      const first = await lines.next();
      isFirstThere = true;
      return { first, lines };
    });
    // One after the other, whichever is ready, until the first of the request was among them.
    for (let begun = 1; begun <= images.length; begun++) {
      await until(
        'an image is on the device, or the first line is there',
        () => isFirstThere || device.images === before + begun,
      );
      if (isFirstThere) break;
      releases.push(device.hold());
      releases.at(-2)?.();
    }
    const { first, lines } = await asking;
    expect(device.images).toBeLessThan(before + images.length);
    expect(first.value).toMatchObject({ index: 0, features: { cls: { dims: [64] } } });
    releases.at(-1)?.();
    for (let index = 1; index < images.length; index++)
      expect((await lines.next()).value).toMatchObject({ index, features: { cls: { dims: [64] } } });
    expect((await lines.next()).value).toMatchObject({ index: images.length, error: { status: 415 } });
    expect(await lines.next()).toMatchObject({ done: true });
  } finally {
    for (const release of releases) release();
  }
});

async function* linesAsTheyCome(answer: Response): AsyncGenerator<unknown, void, undefined> {
  let text = '';
  for await (const chunk of answer.body ?? []) {
    const lines = (text + Buffer.from(chunk).toString()).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line);
  }
}

test('features that are not finite are an error of the server, and never numbers', async () => {
  device.change = ({ tensors }) => {
    for (const { data } of Object.values(tensors as Record<string, Tensor>)) data[3] = Number.NaN;
    return { tensors };
  };
  try {
    for (const format of formats) {
      const answer = await ask([rocket], format);
      expect(answer.status).toBe(500);
      expect(await answer.json()).toMatchObject({
        error: { code: 'FEATURES_NOT_FINITE', type: 'server_error' },
      });
    }
    device.change = ({ tensors }) => {
      for (const { data } of Object.values(tensors as Record<string, Tensor>))
        data[data.length - 1] = Number.NEGATIVE_INFINITY;
      return { tensors };
    };
    expect((await ask([rocket], json)).status).toBe(500);
  } finally {
    device.change = (result) => result;
  }
  expect((await ask([rocket], json)).status).toBe(200);
});

test.each([
  [undefined, json],
  ['*/*', json],
  ['text/html, application/*;q=0.5', json],
  ['application/x-ndjson;q=0.5, application/x-npy', npy],
  ['application/json;q=0, */*', ndjson],
])('Accept: %s is answered with %s', async (accept, type) => {
  const answer = await fetch(`${server.address}/v1/features`, {
    method: 'POST',
    body: rocket,
    headers: { 'content-type': 'image/jpeg', ...(accept === undefined ? {} : { accept }) },
  });
  await answer.arrayBuffer();
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
});

test('what accepts none of the forms is refused before the image is computed', async () => {
  const before = device.images;
  const answer = await ask([rocket], 'text/html');
  expect([answer.status, await answer.json()]).toEqual([
    406,
    { error: expect.objectContaining({ code: 'NOT_ACCEPTABLE', message: expect.stringContaining(npy) }) },
  ]);
  expect(device.images).toBe(before);
});

test('every form of answer, and /info, says that weights are synthetic', async () => {
  const { folder, remove } = await writeSyntheticCheckpoint();
  const synthetic = await startTestServer({ model: folder });
  const { address } = synthetic;
  try {
    const answers = await Promise.all(formats.map((format) => ask([rocket, rocket], format, { address })));
    expect(answers.map(({ headers }) => headers.get('x-webssl-synthetic'))).toEqual(Array(4).fill('true'));
    const [asJson, asLines, , asTensors] = answers as [Response, Response, Response, Response];
    expect(await jsonOfAnswer(asJson)).toMatchObject({
      synthetic: true,
      results: [{ index: 0 }, { index: 1 }],
    });
    expect(await linesOfAnswer(asLines)).toMatchObject([
      { synthetic: true, index: 0 },
      { synthetic: true, index: 1 },
    ]);
    expect((await safetensorsOfAnswer(asTensors)).metadata['synthetic']).toBe('true');
    const embeddings = await fetch(`${address}/v1/embeddings`, {
      method: 'POST',
      body: JSON.stringify({ input: rocket.toString('base64') }),
      headers: { 'content-type': 'application/json' },
    });
    expect(await embeddings.json()).toMatchObject({ object: 'list', synthetic: true });
    expect(await (await fetch(`${address}/info`)).json()).toMatchObject({ model: { synthetic: true } });
  } finally {
    await synthetic.close();
    await remove();
  }
  expect((await ask([rocket], json)).headers.get('x-webssl-synthetic')).toBeNull();
});
