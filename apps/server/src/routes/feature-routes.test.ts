import { Agent, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { type Encoder, loadEncoder } from '@webssl/encoder';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningServer } from '../start-server.js';
import { bitsOf } from '../testing/bits-of.js';
import { type JsonAnswer, jsonOfAnswer, tensorsOf } from '../testing/read-answer.js';
import { dataUri, imageBytes, truncatedImage } from '../testing/test-images.js';
import { startTestServer } from '../testing/test-server.js';

const astronaut = imageBytes('astronaut.png');
const rocket = imageBytes('rocket.jpg');
const everyFeature = [
  'cls',
  'mean',
  'patches',
  'last_hidden_state',
  'hidden_states.0',
  'hidden_states.4',
  'attentions.0',
  'attentions.3',
];
let server: RunningServer;
let alone: Encoder;

beforeAll(async () => {
  server = await startTestServer({ limits: { imagesPerRequest: 4, imageBytes: 1_000_000 } });
  alone = await loadEncoder(goldenCheckpoint('vit-tiny-p14'), { isolation: 'thread', threads: 1 });
});
afterAll(async () => {
  await server.close();
  await alone.close();
});

function send(body: Buffer | FormData | ReadableStream, type?: string, query = ''): Promise<Response> {
  return fetch(`${server.address}/v1/features${query}`, {
    method: 'POST',
    body,
    ...(type === undefined ? {} : { headers: { 'content-type': type } }),
    ...(body instanceof ReadableStream ? { duplex: 'half' as const } : {}),
  });
}

function sendJson(body: unknown, query = ''): Promise<Response> {
  return send(Buffer.from(JSON.stringify(body)), 'application/json', query);
}

function formOf(files: readonly Buffer[], fields: Readonly<Record<string, string>> = {}): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const [index, file] of files.entries()) form.append('image', new Blob([file]), `photo-${index}.bin`);
  return form;
}

/** What the encoder gives alone, in the shape of an answer. */
async function expected(images: readonly Buffer[], features: readonly string[], normalize = false) {
  const encoded = images.map((image) => alone.encode<string>(image, { features, normalize }));
  return (await Promise.all(encoded)).map(bitsOf);
}

async function featuresOf(answer: Response) {
  expect(answer.status).toBe(200);
  return (await jsonOfAnswer(answer)).results.map(tensorsOf).map(bitsOf);
}

async function errorOf(answer: Response) {
  const { error } = (await answer.json()) as { error: { message: string; param: string; code: string } };
  return { status: answer.status, ...error };
}

test.each(['image/jpeg', 'image/x-unheard-of', 'application/octet-stream'])(
  'an image as the body, said to be %s, gives its CLS feature',
  async (type) => {
    expect(await featuresOf(await send(rocket, type))).toEqual(await expected([rocket], ['cls']));
  },
);

test('every feature that the model has can be asked for, with the numbers and shapes of the encoder', async () => {
  const answer = await sendJson({ images: rocket.toString('base64'), features: everyFeature });
  const [features] = await featuresOf(answer);
  const [alike] = await expected([rocket], everyFeature);
  expect(Object.keys(features ?? {})).toEqual(everyFeature);
  expect(features).toEqual(alike);
});

test('a form has many files, which are answered in their order and by their names', async () => {
  const form = formOf([rocket, astronaut, rocket], { features: 'cls, mean', normalize: 'true' });
  const answer = await send(form);
  const { results } = (await answer.clone().json()) as JsonAnswer;
  expect(results.map(({ index, name }) => [index, name])).toEqual([
    [0, 'photo-0.bin'],
    [1, 'photo-1.bin'],
    [2, 'photo-2.bin'],
  ]);
  expect(await featuresOf(answer)).toEqual(
    await expected([rocket, astronaut, rocket], ['cls', 'mean'], true),
  );
});

test('JSON has images as data URIs, base64 and objects', async () => {
  const images = [dataUri(rocket), astronaut.toString('base64'), { image: dataUri(astronaut) }];
  expect(await featuresOf(await sendJson({ images }))).toEqual(
    await expected([rocket, astronaut, astronaut], ['cls']),
  );
});

test.each([
  ['the query', '?features=mean&normalize=true', {}],
  ['the body', '', { features: ['mean'], normalize: true }],
  ['both, where the body decides', '?features=cls&normalize=false', { features: ['mean'], normalize: true }],
  ['each in part', '?normalize=true', { features: ['mean'] }],
])('features and normalisation stand in %s', async (_, query, body) => {
  const answer = await sendJson({ images: dataUri(rocket), ...body }, query);
  expect(await featuresOf(answer)).toEqual(await expected([rocket], ['mean'], true));
});

test('a feature that is named twice is answered once', async () => {
  const [features] = await featuresOf(await send(rocket, 'image/jpeg', '?features=cls,mean,cls'));
  expect(Object.keys(features ?? {})).toEqual(['cls', 'mean']);
});

test('a body in chunks, whose length nobody has announced, is read as well', async () => {
  const chunks = new ReadableStream({
    start(controller) {
      for (let at = 0; at < rocket.length; at += 10_000) controller.enqueue(rocket.subarray(at, at + 10_000));
      controller.close();
    },
  });
  expect(await featuresOf(await send(chunks, 'image/jpeg'))).toEqual(await expected([rocket], ['cls']));
});

test.each([
  ['without a body', undefined, '', 422, 'REQUEST_INVALID', null],
  ['an empty image', 'image/jpeg', '', 422, 'IMAGE_EMPTY', 'body'],
  ['a document', 'application/octet-stream', '%PDF-1.4', 415, 'IMAGE_FORMAT_UNSUPPORTED', 'body'],
  ['an empty list', 'application/json', '{"images":[]}', 422, 'REQUEST_INVALID', null],
  ['no images', 'application/json', '{}', 422, 'REQUEST_INVALID', 'images'],
  ['an unknown member', 'application/json', '{"images":"AAAA","size":2}', 422, 'REQUEST_INVALID', null],
  ['a number as an image', 'application/json', '{"images":["AAAA",5]}', 422, 'REQUEST_INVALID', 'images[1]'],
  [
    'features that are no list',
    'application/json',
    '{"images":"A","features":"cls"}',
    422,
    'REQUEST_INVALID',
    'features',
  ],
  ['no features', 'application/json', '{"images":"A","features":[]}', 422, 'REQUEST_INVALID', 'features'],
  [
    'an unknown feature',
    'application/json',
    '{"images":"A","features":["pooled"]}',
    422,
    'FEATURE_UNKNOWN',
    'features',
  ],
  [
    'normalize as a word',
    'application/json',
    '{"images":"A","normalize":"yes"}',
    422,
    'REQUEST_INVALID',
    'normalize',
  ],
  ['no JSON', 'application/json', 'cls', 400, 'REQUEST_MALFORMED', null],
  ['a path', 'application/json', '{"images":"/etc/hostname"}', 415, 'IMAGE_FORMAT_UNSUPPORTED', 'images'],
  ['a form without a boundary', 'multipart/form-data', 'x', 422, 'REQUEST_INVALID', null],
  ['a form without files', 'multipart/form-data; boundary=b', '--b--\r\n', 422, 'REQUEST_INVALID', null],
  ['XML', 'application/xml', '<image/>', 415, 'MEDIA_TYPE_UNSUPPORTED', null],
  ['no type', '', 'x', 415, 'MEDIA_TYPE_UNSUPPORTED', null],
])('%s is refused', async (_, type, body, status, code, param) => {
  const answer = type === undefined ? await sendNothing() : await send(Buffer.from(body), type);
  expect(await errorOf(answer)).toEqual({
    status,
    message: expect.any(String),
    type: 'invalid_request_error',
    param,
    code,
  });
});

test.each(['gzip', 'br', 'identity, gzip', 'x'])(
  'a body in %s is refused, and told what it should be in',
  async (encoding) => {
    const answer = await fetch(`${server.address}/v1/features`, {
      method: 'POST',
      headers: { 'content-type': 'image/jpeg', 'content-encoding': encoding },
      body: gzipSync(rocket),
    });
    expect(answer.headers.get('accept-encoding')).toBe('identity');
    expect(await errorOf(answer)).toMatchObject({
      status: 415,
      code: 'MEDIA_TYPE_UNSUPPORTED',
      message: expect.stringContaining(`Content-Encoding: ${encoding}`),
    });
  },
);

test('base64 in lines is the image', async () => {
  const lines = rocket.toString('base64').replace(/.{76}/g, '$&\r\n');
  const answer = await send(Buffer.from(JSON.stringify({ images: lines })), 'application/json');
  expect(await featuresOf(answer)).toEqual(await expected([rocket], ['cls']));
});

function sendNothing(): Promise<Response> {
  return fetch(`${server.address}/v1/features`, { method: 'POST' });
}

test.each([
  ['?features=cls,foo', 'features'],
  ['?features=', 'features[0]'],
  ['?normalize=1', 'normalize'],
  ['?features=cls&features=mean', 'features'],
  ['?size=224', undefined],
])('the query %s is refused', async (query, param) => {
  const { status, param: named } = await errorOf(await send(rocket, 'image/jpeg', query));
  expect([status, named ?? undefined]).toEqual([422, param]);
});

test('a field of a form that means nothing is refused', async () => {
  expect(await errorOf(await send(formOf([rocket], { colour: 'red' })))).toMatchObject({
    status: 422,
    message: expect.stringContaining('colour'),
  });
});

test('a refusal of something too large says the limit', async () => {
  const tooLarge = Buffer.concat([rocket, Buffer.alloc(1_000_000)]);
  const ofOne = await errorOf(await send(tooLarge, 'image/jpeg'));
  expect(ofOne).toMatchObject({ status: 413, code: 'IMAGE_TOO_LARGE' });
  expect(ofOne.message).toContain('1000000');
  const asText = await errorOf(await sendJson({ images: dataUri(tooLarge) }));
  expect(asText).toMatchObject({ status: 413, code: 'IMAGE_TOO_LARGE', param: 'images' });
  expect(asText.message).toContain('1000000');
  const five = Array<string>(5).fill(dataUri(rocket));
  const ofMany = await errorOf(await sendJson({ images: five }));
  expect(ofMany).toMatchObject({ status: 413, code: 'TOO_MANY_IMAGES' });
  expect(ofMany.message).toMatch(/has 5 images.* takes 4/);
  const form = await errorOf(await send(formOf([rocket, rocket, rocket, rocket, rocket])));
  expect(form).toMatchObject({ status: 413, code: 'TOO_MANY_IMAGES', message: expect.stringContaining('4') });
});

test('too many pixels are refused before they are decoded, with the limit', async () => {
  const strict = await startTestServer({ limits: { imagePixels: 1000 } });
  try {
    const answer = await fetch(`${strict.address}/v1/features`, {
      method: 'POST',
      body: rocket,
      headers: { 'content-type': 'image/jpeg' },
    });
    const { status, code, message } = await errorOf(answer);
    expect([status, code]).toEqual([422, 'IMAGE_TOO_LARGE']);
    expect(message).toMatch(/ 1000 /);
    expect(message).not.toMatch(/limits\./);
  } finally {
    await strict.close();
  }
});

test('a file of a form that is too large is an error in its own place', async () => {
  const tooLarge = Buffer.concat([rocket, Buffer.alloc(1_000_000)]);
  const answer = await send(formOf([rocket, tooLarge, astronaut]));
  const { results } = (await answer.json()) as JsonAnswer;
  expect(answer.status).toBe(200);
  expect(results.map(({ error }) => error?.code)).toEqual([undefined, 'IMAGE_TOO_LARGE', undefined]);
  expect(results[1]).toMatchObject({
    name: 'photo-1.bin',
    error: { status: 413, param: 'files[1]', message: expect.stringContaining('1000000') },
  });
  const [first, last] = await expected([rocket, astronaut], ['cls']);
  expect(results.map(tensorsOf).map(bitsOf)).toEqual([first, {}, last]);
});

test('a server that computes only some features refuses the others', async () => {
  const narrow = await startTestServer({ settings: { servedFeatures: ['cls', 'mean'] } });
  const ask = (features: string) =>
    fetch(`${narrow.address}/v1/features?features=${features}`, {
      method: 'POST',
      body: rocket,
      headers: { 'content-type': 'image/jpeg' },
    });
  try {
    expect((await ask('mean')).status).toBe(200);
    expect(await errorOf(await ask('cls,patches'))).toMatchObject({
      status: 422,
      code: 'FEATURE_NOT_SERVED',
      param: 'features',
      message: expect.stringContaining('cls, mean'),
    });
  } finally {
    await narrow.close();
  }
});

test('a broken image alone is answered with the status of its error', async () => {
  expect(await errorOf(await send(truncatedImage(), 'image/jpeg'))).toMatchObject({
    status: 422,
    code: 'IMAGE_DAMAGED',
    param: 'body',
  });
});

test('a wrong method is told which is right', async () => {
  const answer = await fetch(`${server.address}/v1/features`);
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  expect(await errorOf(answer)).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
});

test('the connection lives on after a refusal, and the next request on it is answered', async () => {
  const statuses: number[] = [];
  const { hostname, port } = new URL(server.address);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (body: Buffer) =>
    new Promise<void>((resolve, reject) => {
      const asking = request(
        {
          hostname,
          port,
          agent,
          method: 'POST',
          path: '/v1/features',
          headers: { 'content-type': 'image/jpeg' },
        },
        (answer) => {
          statuses.push(answer.statusCode ?? 0);
          answer.resume().on('end', resolve);
        },
      );
      asking.on('error', reject).end(body);
    });
  await ask(truncatedImage());
  await ask(rocket);
  agent.destroy();
  expect(statuses).toEqual([422, 200]);
});
