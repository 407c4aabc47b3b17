import { createRequire } from 'node:module';
import { browserObstacle, isBrowserMissing, launchBrowser } from '@webssl-tooling/browser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limitTable } from '../limits/server-limits.js';
import type { RunningServer } from '../start-server.js';
import { imageBytes } from '../testing/test-images.js';
import { startTestServer } from '../testing/test-server.js';

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly description: string;
        readonly content?: Readonly<Record<string, { readonly schema: object }>>;
        readonly headers?: object;
      }
    >
  >;
}

interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: unknown;
  readonly 'x-limits': readonly { readonly name: string; readonly value: number; readonly status: number }[];
}

let server: RunningServer;
let document: OpenApi;

beforeAll(async () => {
  server = await startTestServer({ limits: { imagesPerRequest: 9 } });
  document = (await (await fetch(`${server.address}/openapi.json`)).json()) as OpenApi;
});
afterAll(() => server.close());

function operations(): readonly (readonly [name: string, operation: Operation])[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  );
}

/** Every object of the document. */
function* objectsIn(value: unknown): Generator<Readonly<Record<string, unknown>>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const part of Object.values(value)) yield* objectsIn(part);
}

test('the document has every route, and nothing of pages and documents', () => {
  expect(
    operations()
      .map(([name]) => name)
      .sort(),
  ).toEqual([
    'get /info',
    'get /livez',
    'get /metrics',
    'get /readyz',
    'get /v1/models',
    'post /v1/embeddings',
    'post /v1/features',
  ]);
});

test('the document has the form of OpenAPI 3.1', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(document.info).toMatchObject({ title: 'webssl server', version: expect.stringMatching(/^\d/) });
  for (const [name, { responses, parameters = [], summary }] of operations()) {
    expect(summary, name).toBeTypeOf('string');
    expect(Object.keys(responses), name).toContain('200');
    for (const [status, { description }] of Object.entries(responses)) {
      expect(status, name).toMatch(/^[1-5]\d\d$/);
      expect(description, `${name} ${status}`).not.toBe('Default Response');
    }
    for (const { in: place, schema } of parameters) {
      expect(place).toMatch(/^(query|header)$/);
      expect(schema).toHaveProperty('type');
    }
  }
});

test('every reference leads somewhere, and every schema says what it is', () => {
  for (const object of objectsIn(document.paths)) {
    const { $ref: reference, type } = object;
    if (typeof reference === 'string') {
      const found = reference
        .split('/')
        .slice(1)
        .reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], document);
      expect(found, reference).toBeTypeOf('object');
    }
    if (typeof type === 'string' && 'properties' in object) expect(type).toBe('object');
  }
});

/** The validator of JSON Schema 2020-12 that Fastify brings along. */
function validator(): {
  compile(schema: object | boolean): ((value: unknown) => boolean) & { errors?: unknown };
} {
  const ofFastify = createRequire(createRequire(import.meta.url).resolve('fastify'));
  const { default: Ajv } = createRequire(ofFastify.resolve('@fastify/ajv-compiler'))('ajv/dist/2020.js');
  return new Ajv({ strict: false, validateFormats: false });
}

test('every schema is one, and real answers fit theirs', async () => {
  const ajv = validator();
  const schemas = [...objectsIn(document.paths)].flatMap(({ schema }) => (isObject(schema) ? [schema] : []));
  expect(schemas.length).toBeGreaterThan(30);
  for (const schema of schemas) ajv.compile(schema);

  const photograph = { images: ['bm8gaW1hZ2U=', imageBytes('rocket.jpg').toString('base64')] };
  for (const [path, method, body] of [
    ['/info', 'get', undefined],
    ['/v1/models', 'get', undefined],
    ['/livez', 'get', undefined],
    ['/v1/features', 'post', photograph],
    ['/v1/features', 'post', { images: [] }],
    ['/v1/embeddings', 'post', { input: photograph.images[1] }],
  ] as const) {
    const answer = await fetch(server.address + path, {
      method: method.toUpperCase(),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const { content } = document.paths[path]?.[method]?.responses[answer.status] ?? {};
    const fits = ajv.compile(content?.['application/json']?.schema ?? false);
    expect(fits(await answer.json()), `${path} ${answer.status} ${JSON.stringify(fits.errors)}`).toBe(true);
    const request = document.paths[path]?.[method]?.requestBody?.content['application/json']?.schema;
    if (request !== undefined) expect(ajv.compile(request)(body)).toBe(true);
  }
});

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

test('the bodies that a route takes are those in its document', () => {
  const { post } = document.paths['/v1/features'] ?? {};
  expect(Object.keys(post?.requestBody?.content ?? {})).toEqual([
    'application/json',
    'multipart/form-data',
    'image/*',
    'application/octet-stream',
  ]);
  expect(post?.parameters?.map(({ name, in: place }) => `${place} ${name}`).sort()).toEqual([
    'header request-timeout',
    'query features',
    'query normalize',
  ]);
  expect(post?.requestBody?.content['application/json']?.schema).toMatchObject({
    type: 'object',
    required: ['images'],
    additionalProperties: false,
  });
});

test('the limits of this server stand in the document, and at the answers to who passes them', () => {
  expect(document['x-limits'].map(({ name }) => name)).toEqual(Object.keys(limitTable));
  expect(document['x-limits']).toContainEqual(
    expect.objectContaining({ name: 'imagesPerRequest', value: 9, status: 413 }),
  );
  expect(document.info.description).toContain('| images of one request | 9 images | 413 |');
  for (const path of ['/v1/features', '/v1/embeddings']) {
    const responses = document.paths[path]?.['post']?.responses ?? {};
    const { imagesPerRequest, imageBytes: bytes, queueImages, imagePixels, timeout } = limitTable;
    expect(responses['413']?.description).toContain(`${imagesPerRequest.meaning}: 9 images`);
    expect(responses['413']?.description).toContain(`${bytes.meaning}: ${bytes.byDefault} bytes`);
    expect(responses['422']?.description).toContain(`${imagePixels.byDefault} pixels`);
    expect(responses['429']?.description).toContain(`${queueImages.byDefault} images`);
    expect(responses['504']?.description).toContain(`${timeout.byDefault} milliseconds`);
    expect(responses['429']?.headers).toHaveProperty('Retry-After');
    expect(responses['503']?.headers).toHaveProperty('Retry-After');
  }
});

test.each([
  [200, imageBytes('rocket.jpg'), 'image/jpeg'],
  [400, Buffer.from('{'), 'application/json'],
  [413, Buffer.from(JSON.stringify({ images: Array<string>(10).fill('AAAA') })), 'application/json'],
  [415, Buffer.from('x'), 'text/plain'],
  [422, Buffer.from('{}'), 'application/json'],
])('an answer with %i is one of those in the document', async (status, body, type) => {
  const answer = await fetch(`${server.address}/v1/features`, {
    method: 'POST',
    body,
    headers: { 'content-type': type },
  });
  expect(answer.status).toBe(status);
  expect(document.paths['/v1/features']?.['post']?.responses).toHaveProperty(String(status));
});

describe.skipIf(isBrowserMissing)(`in a browser${browserObstacle}`, () => {
  test('/docs shows the routes, and its policy lets everything through that it needs', async () => {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      const seen: string[] = [];
      page.on('console', (message) => {
        if (message.type() !== 'log') seen.push(message.text());
      });
      page.on('pageerror', (error) => seen.push(error.message));
      page.on('request', (request) => {
        const url = request.url();
        if (!url.startsWith(server.address) && !url.startsWith('data:')) seen.push(`outside: ${url}`);
      });
      await page.goto(`${server.address}/docs`);
      await page.locator('.opblock-summary-path', { hasText: 'features' }).first().waitFor();
      expect(await page.locator('.opblock').count()).toBe(7);
      expect(seen).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
