import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { goldenImage } from '@webssl-tooling/fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../start-server.js';
import { askForCls, type FeatureReply, jsonOf } from '../testing/ask.js';
import { ExpectedFeatures } from '../testing/expected-features.js';
import { blackPng, emptyTiff, emptyWebp, gif } from '../testing/hostile-images.js';
import { numberedImage } from '../testing/numbered-image.js';
import { startTestServer } from '../testing/test-server.js';

const limits = { imageBytes: 2_000_000, imagePixels: 50_000_000 };
const good = numberedImage(1);
const golden = (name: string) => readFileSync(goldenImage(name));

let expected: ExpectedFeatures;
let server: RunningServer;

beforeAll(async () => {
  expected = await ExpectedFeatures.load();
  server = await startTestServer({ limits });
  await server.ready;
});
afterAll(async () => {
  await server.close();
  await expected.close();
});

interface ImageResult {
  readonly index: number;
  readonly features?: { readonly cls: { readonly data: readonly number[] } };
  readonly error?: { readonly code: string; readonly status: number; readonly message: string };
}

/** What becomes of an image between two good ones, which must be right. */
async function amongGoodOnes(image: Uint8Array): Promise<ImageResult> {
  const answer = await fetch(`${server.address}/v1/features`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: jsonOf([good, image, good]),
  });
  expect(answer.status).toBe(200);
  const { results } = (await answer.json()) as { results: readonly ImageResult[] };
  const [before, middle, after] = results;
  for (const neighbour of [before, after]) {
    expect(Float32Array.from(neighbour?.features?.cls.data ?? [])).toEqual(await expected.cls(good));
  }
  if (middle === undefined) throw new Error('the answer has no result for the image');
  return middle;
}

const tooLarge = (actual: number) => ({
  status: 422,
  code: 'IMAGE_TOO_LARGE',
  message: new RegExp(`^The image has ${actual} pixels, and this server takes 50000000 at most`),
});
const damaged = { status: 422, code: 'IMAGE_DAMAGED', message: /image is damaged/ };
const unknown = {
  status: 415,
  code: 'IMAGE_FORMAT_UNSUPPORTED',
  message: /not an image of a known format|SVG|PDF|HTML/,
};

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: RegExp;
}

describe('an image that should not be', () => {
  it.each<[string, () => Uint8Array, Refusal]>([
    ['a PNG of 30000 x 30000 pixels', () => blackPng(30_000, 30_000), tooLarge(900_000_000)],
    [
      'a PNG of a million pixels in a row, and a hundred rows',
      () => blackPng(1_000_000, 100),
      tooLarge(100_000_000),
    ],
    ['a GIF that declares 65535 x 65535', () => gif(65_535, 65_535, 1), tooLarge(4_294_836_225)],
    ['a WebP that declares 16384 x 16384 and has no pixel', () => emptyWebp(), damaged],
    ['a TIFF that declares 60000 x 60000', () => emptyTiff(60_000, 60_000), tooLarge(3_600_000_000)],
    ['a TIFF that declares 4 billion rows', () => emptyTiff(1000, 4_000_000_000), damaged],
    ['a TIFF that declares what it does not have', () => emptyTiff(1000, 1000), damaged],
    [
      'a GIF of more frames than are read',
      () => gif(1, 1, 10_001),
      {
        status: 422,
        code: 'IMAGE_TOO_LARGE',
        message: /^The image has 10001 frames, and this server takes 10000/,
      },
    ],
    [
      'an image of too many bytes',
      () => Buffer.concat([golden('rocket.jpg'), Buffer.alloc(limits.imageBytes)]),
      { status: 413, code: 'IMAGE_TOO_LARGE', message: /bytes, and this server takes 2000000 at most/ },
    ],
    ['an SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), unknown],
    ['a PDF', () => Buffer.from('%PDF-1.7\n1 0 obj\n'), unknown],
    [
      'an HTML page',
      () => Buffer.from('<!DOCTYPE html><html><img src="file:///etc/passwd"></html>'),
      unknown,
    ],
    [
      'an XML document with an entity',
      () =>
        Buffer.from(
          '<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
        ),
      unknown,
    ],
    ['a script', () => Buffer.from('#!/bin/sh\necho\n'), unknown],
    ['a packed image', () => gzipSync(good), unknown],
    ['a packed bomb', () => gzipSync(Buffer.alloc(50_000_000)), unknown],
    ['a single byte', () => Buffer.from([0x89]), unknown],
    ['zero bytes', () => Buffer.alloc(1000), unknown],
    ['only the signature of a PNG', () => golden('size-3x2.png').subarray(0, 8), damaged],
  ])('%s is refused, alone and beside others', async (_, make, { status, code, message }) => {
    const image = make();
    const alone = await askForCls(server.address, image);
    expect(alone).toMatchObject({ status, code });
    expect(alone.message).toMatch(message);
    const { error } = await amongGoodOnes(image);
    expect(error).toMatchObject({ status, code });
  });

  it('without any bytes is refused', async () => {
    const reply = await askForCls(server.address, new Uint8Array());
    expect([400, 422]).toContain(reply.status);
    const { error } = await amongGoodOnes(Buffer.from('data:,'));
    expect(error).toBeDefined();
  });

  it('bombs sent many at a time do not fill the memory', async () => {
    const bomb = blackPng(7000, 7000);
    expect(bomb.length).toBeLessThan(10_000);
    const before = process.memoryUsage.rss();
    let most = 0;
    const timer = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss() - before);
    }, 5);
    const replies = await Promise.all(Array.from({ length: 12 }, () => askForCls(server.address, bomb)));
    clearInterval(timer);
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    // All at once they would be 12 times 147 MB.
    expect(most).toBeLessThan(1_000_000_000);
  });
});

describe('an odd image that is sound', () => {
  it.each<[string, () => Uint8Array]>([
    ['of 1 x 1 pixel', () => golden('size-1x1.png')],
    ['of 1 x 1 pixel, black', () => blackPng(1, 1)],
    ['of 1 x 5000 pixels', () => blackPng(1, 5000)],
    ['of 5000 x 1 pixels', () => blackPng(5000, 1)],
    ['of many frames, of which the first counts', () => golden('gif-animated.gif')],
    [
      'with rubbish behind its end',
      () => Buffer.concat([golden('size-3x2.png'), Buffer.from('<script>alert(1)</script>')]),
    ],
    [
      'that is also an archive',
      () => Buffer.concat([golden('size-3x2.png'), Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]),
    ],
    ['with a media type that is not its own', () => golden('jpeg-gray.jpg')],
  ])('%s has its features', async (_, make) => {
    const image = make();
    const reply = await askForCls(server.address, image, { headers: { 'content-type': 'image/webp' } });
    expect(reply.status).toBe(200);
    expect(reply.cls).toEqual(await expected.cls(image));
    expect(Float32Array.from((await amongGoodOnes(image)).features?.cls.data ?? [])).toEqual(reply.cls);
  });

  it('under a name that lies is read by its content', async () => {
    const form = new FormData();
    form.append('file', new Blob([golden('size-3x2.png')], { type: 'image/svg+xml' }), '../../evil.svg');
    const answer = await fetch(`${server.address}/v1/features`, { method: 'POST', body: form });
    expect(answer.status).toBe(200);
    const { results } = (await answer.json()) as { results: readonly ImageResult[] };
    expect(Float32Array.from(results[0]?.features?.cls.data ?? [])).toEqual(
      await expected.cls(golden('size-3x2.png')),
    );
  });
});

describe.each([
  'rocket.jpg',
  'chelsea.png',
  'webp-lossy.webp',
  'webp-lossless.webp',
  'gif-animated.gif',
  'tiff-lzw.tif',
  'bmp.bmp',
])('%s', (name) => {
  it('cut off at every tenth of it is refused, and the server goes on', async () => {
    const whole = golden(name);
    const replies: FeatureReply[] = [];
    for (let tenth = 0; tenth < 10; tenth++) {
      replies.push(
        await askForCls(
          server.address,
          whole.subarray(0, Math.max(12, Math.floor((whole.length * tenth) / 10))),
        ),
      );
    }
    for (const { status, code, cls } of replies) {
      // Of several frames only the first one is read, which may be there.
      if (name === 'gif-animated.gif' && status === 200) expect(cls).toEqual(await expected.cls(whole));
      else if (status === 415) expect(code).toBe('IMAGE_FORMAT_UNSUPPORTED');
      else expect({ status, code }).toEqual({ status: 422, code: 'IMAGE_DAMAGED' });
    }
    expect((await askForCls(server.address, whole)).cls).toEqual(await expected.cls(whole));
  });
});
