import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Encoder, loadEncoder } from '@webssl/encoder';
import { nmse } from '@webssl/metrics';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApiKey } from '../access/api-key.js';
import type { RunningServer } from '../start-server.js';
import { goldenCls } from '../testing/golden-features.js';
import { dataUri, imageBytes, truncatedImage } from '../testing/test-images.js';
import { startTestServer } from '../testing/test-server.js';

const model = 'vit-tiny-p14';
const astronaut = imageBytes('astronaut.png');
const rocket = imageBytes('rocket.jpg');
let server: RunningServer;
let alone: Encoder;
let client: OpenAI;

function clientOf({ address }: RunningServer, apiKey = 'none'): OpenAI {
  return new OpenAI({ baseURL: `${address}/v1`, apiKey, maxRetries: 0 });
}

beforeAll(async () => {
  server = await startTestServer();
  alone = await loadEncoder(goldenCheckpoint(model), { isolation: 'thread', threads: 1 });
  client = clientOf(server);
});
afterAll(async () => {
  await server.close();
  await alone.close();
});

/** What is sent as `input` though the client's types allow text alone. */
function unusual(input: unknown): string {
  return input as string;
}

async function refusalOf(input: unknown, more: object = {}): Promise<unknown> {
  return client.embeddings.create({ model, input: unusual(input), ...more }).catch((error: unknown) => error);
}

test('the openai client gets the CLS feature of the encoder, bit for bit, in the encoding that it asks for by itself', async () => {
  const { data, ...rest } = await client.embeddings.create({ model, input: dataUri(astronaut) });
  const { cls } = await alone.encode(astronaut, { features: ['cls'] });
  expect(data).toHaveLength(1);
  expect(Float32Array.from(data[0]?.embedding ?? [])).toEqual(cls.data);
  expect(nmse(data[0]?.embedding ?? [], await goldenCls('astronaut.png'))).toBeLessThan(1e-10);
  expect(rest).toMatchObject({
    object: 'list',
    model,
    usage: { prompt_tokens: 257, total_tokens: 257 },
  });
});

test('numbers in JSON are the same float32 numbers', async () => {
  const { data } = await client.embeddings.create({
    model,
    input: dataUri(rocket),
    encoding_format: 'float',
  });
  const { cls } = await alone.encode(rocket, { features: ['cls'] });
  expect(Float32Array.from(data[0]?.embedding ?? [])).toEqual(cls.data);
});

test('a list is answered in its order, whatever form each image has', async () => {
  const photographs = [rocket, astronaut, rocket];
  const input = [dataUri(rocket), astronaut.toString('base64'), { image: rocket.toString('base64') }];
  const { data, usage } = await client.embeddings.create({
    model,
    input: unusual(input),
    user: 'somebody',
  });
  expect(data.map(({ index, object }) => [index, object])).toEqual([
    [0, 'embedding'],
    [1, 'embedding'],
    [2, 'embedding'],
  ]);
  for (const [index, photograph] of photographs.entries()) {
    const { cls } = await alone.encode(photograph, { features: ['cls'] });
    expect(Float32Array.from(data[index]?.embedding ?? [])).toEqual(cls.data);
  }
  expect(usage.total_tokens).toBe(3 * 257);
});

test('a request need not name the model, and may not name another', async () => {
  const input = dataUri(rocket);
  const { data } = await client.embeddings.create({ model: unusual(undefined), input });
  expect(data).toHaveLength(1);
  const refusal = await refusalOf(input, { model: 'text-embedding-3-small' });
  expect(refusal).toBeInstanceOf(OpenAI.NotFoundError);
  expect(refusal).toMatchObject({ status: 404, code: 'MODEL_NOT_SERVED', param: 'model' });
  expect(String(refusal)).toContain('vit-tiny-p14');
});

test('dimensions are refused with the reason', async () => {
  const refusal = await refusalOf(dataUri(rocket), { dimensions: 32 });
  expect(refusal).toBeInstanceOf(OpenAI.UnprocessableEntityError);
  expect(refusal).toMatchObject({
    status: 422,
    type: 'invalid_request_error',
    code: 'DIMENSIONS_UNSUPPORTED',
    param: 'dimensions',
  });
  expect(String(refusal)).toContain('not trained so that the first numbers');
});

test.each([
  ['a sentence', 'The quick brown fox', 422, 'input'],
  ['a word, which could be base64', 'fox', 415, 'input'],
  ['a sentence with a colon', 'note: buy milk', 422, 'input'],
  ['a list of sentences', ['one sentence', 'and another'], 422, 'input[0]'],
  ['tokens', [1212, 318, 257], 422, 'input[0]'],
  ['lists of tokens', [[1212, 318], [257]], 422, 'input[0]'],
  ['a number', 7, 422, 'input'],
])('%s is refused with a sentence that says that the model takes images', async (_, input, status, param) => {
  const refusal = await refusalOf(input);
  expect(refusal).toMatchObject({ status, type: 'invalid_request_error', param });
  expect(String(refusal)).toMatch(/This model takes (images, not text|no text and no tokens)/);
});

test.each([
  ['a broken image', [dataUri(rocket), dataUri(truncatedImage())], 422, 'IMAGE_DAMAGED', 'input[1]'],
  ['an empty string', [''], 422, 'REQUEST_INVALID', 'input[0]'],
  [
    'a document',
    Buffer.from('%PDF-1.7 and so on').toString('base64'),
    415,
    'IMAGE_FORMAT_UNSUPPORTED',
    'input',
  ],
  ['a URL', 'https://example.org/image.jpg', 422, 'IMAGE_URLS_OFF', 'input'],
  ['a path', '/etc/passwd', 415, 'IMAGE_FORMAT_UNSUPPORTED', 'input'],
  ['a file URL', 'file:///etc/passwd', 422, 'IMAGE_URLS_OFF', 'input'],
  ['no image', [], 422, 'REQUEST_INVALID', null],
  ['no input', undefined, 422, 'REQUEST_INVALID', 'input'],
  ['null', null, 422, 'REQUEST_INVALID', 'input'],
  ['an object without an image', [{ picture: 'x' }], 422, 'REQUEST_INVALID', 'input[0].image'],
])('%s is refused as what it is', async (_, input, status, code, param) => {
  expect(await refusalOf(input)).toMatchObject({ status, code, param });
});

test('an unknown encoding is refused', async () => {
  expect(await refusalOf(dataUri(rocket), { encoding_format: 'hex' })).toMatchObject({
    status: 422,
    param: 'encoding_format',
  });
});

test.each([
  ['no body', undefined, undefined, 422, 'REQUEST_INVALID'],
  ['an empty body', 'application/json', '', 400, 'REQUEST_MALFORMED'],
  ['no JSON', 'application/json', '{"input":', 400, 'REQUEST_MALFORMED'],
  ['another prototype', 'application/json', '{"__proto__":{"input":"x"}}', 400, 'REQUEST_MALFORMED'],
  ['JSON null', 'application/json', 'null', 422, 'REQUEST_INVALID'],
  ['an image as the body', 'image/jpeg', rocket, 415, 'MEDIA_TYPE_UNSUPPORTED'],
  ['a body of no type', '', 'x', 415, 'MEDIA_TYPE_UNSUPPORTED'],
  ['text', 'text/plain', '{}', 415, 'MEDIA_TYPE_UNSUPPORTED'],
  ['a type in capitals', 'Application/JSON', '{"input":[]}', 422, 'REQUEST_INVALID'],
  ['a form', 'multipart/form-data; boundary=x', '--x--', 415, 'MEDIA_TYPE_UNSUPPORTED'],
])('with %s the answer is an error in the form of the API', async (_, type, body, status, code) => {
  const answer = await fetch(`${server.address}/v1/embeddings`, {
    method: 'POST',
    ...(body === undefined ? {} : { body: typeof body === 'string' ? Buffer.from(body) : body }),
    ...(type === undefined ? {} : { headers: { 'content-type': type } }),
  });
  const error = { code, message: expect.any(String), type: 'invalid_request_error', param: null };
  expect([answer.status, await answer.json()]).toEqual([status, { error }]);
});

test('a server may give the mean of the patches, divided by its norm', async () => {
  const other = await startTestServer({ settings: { feature: 'mean', normalize: true } });
  try {
    const { data } = await clientOf(other).embeddings.create({ model, input: dataUri(rocket) });
    const { mean } = await alone.encode(rocket, { features: ['mean'], normalize: true });
    expect(Float32Array.from(data[0]?.embedding ?? [])).toEqual(mean.data);
  } finally {
    await other.close();
  }
});

test('the client knows a missing key, a wrong one and its rate as its own errors', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'webssl-keys-'));
  const { key, line } = createApiKey('tester', { imagesPerMinute: 1 });
  await writeFile(join(folder, 'keys'), `${line}\n`);
  const guarded = await startTestServer({ apiKeysFile: join(folder, 'keys') });
  const ask = (apiKey: string) =>
    clientOf(guarded, apiKey)
      .embeddings.create({ model, input: dataUri(rocket) })
      .catch((error: unknown) => error);
  try {
    expect(await ask('wrong')).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(await ask(key)).toMatchObject({ object: 'list' });
    const refusal = await ask(key);
    expect(refusal).toBeInstanceOf(OpenAI.RateLimitError);
    if (!(refusal instanceof OpenAI.RateLimitError)) throw refusal;
    expect(refusal).toMatchObject({ code: 'RATE_LIMITED', type: 'rate_limit_error' });
    expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(50);
  } finally {
    await guarded.close();
    await rm(folder, { recursive: true });
  }
});

test('GET /v1/models tells the client which model there is', async () => {
  const models = [];
  for await (const entry of client.models.list()) models.push(entry);
  expect(models).toEqual([{ id: model, object: 'model', created: expect.any(Number), owned_by: 'webssl' }]);
});
