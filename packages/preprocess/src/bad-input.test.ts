import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getuid } from 'node:process';
import { Readable } from 'node:stream';
import { crc32, deflateSync } from 'node:zlib';
import { WebsslError } from '@webssl/backend';
import { goldenImage } from '@webssl-tooling/fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pillowFile } from '../fixtures/pillow-cases.js';
import type { ImageInput } from './image-input.js';
import { parseProcessorConfig } from './parse-processor-config.js';
import { createPreprocessor } from './preprocessor.js';
import { worker } from './testing/built-worker.js';

const config = parseProcessorConfig({ image_processor_type: 'BitImageProcessor' });
const limits = { bytes: 2_000_000, frames: 3 };
const preprocessor = createPreprocessor(config, { worker, limits });
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webssl-preprocess-'));
});
afterAll(async () => {
  await preprocessor.close();
  await rm(folder, { recursive: true });
});

async function refusal(input: ImageInput): Promise<WebsslError> {
  const error: unknown = await preprocessor.process(input).then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  );
  if (WebsslError.isInstance(error)) return error;
  throw error;
}

function pngChunk(kind: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(kind), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A well-formed PNG that unpacks to a single colour: a hundred thousand times its own size. */
function pngBomb(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc((side / 8 + 1) * side));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    pngChunk('IHDR', header),
    pngChunk('IDAT', rows),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('bad input', () => {
  it.each<[string, string, RegExp, () => ImageInput | Promise<ImageInput>]>([
    ['text', 'IMAGE_FORMAT_UNSUPPORTED', /not an image of a known format/, () => Buffer.from('hello, world')],
    ['a single byte', 'IMAGE_FORMAT_UNSUPPORTED', /begins with ff/, () => Buffer.from([0xff])],
    ['zero bytes', 'IMAGE_EMPTY', /no bytes/, () => new Uint8Array()],
    ['an empty stream', 'IMAGE_EMPTY', /no bytes/, () => Readable.from([])],
    [
      'an SVG',
      'IMAGE_FORMAT_UNSUPPORTED',
      /an SVG drawing/,
      () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    ],
    [
      'an SVG after a declaration',
      'IMAGE_FORMAT_UNSUPPORTED',
      /an SVG drawing/,
      () => Buffer.from('<?xml version="1.0"?>\n<!-- a --><svg/>'),
    ],
    ['a PDF', 'IMAGE_FORMAT_UNSUPPORTED', /a PDF document/, () => Buffer.from('%PDF-1.7\n')],
    ['an HTML page', 'IMAGE_FORMAT_UNSUPPORTED', /an HTML page/, () => Buffer.from('<!DOCTYPE html><html>')],
    [
      'a HEIC',
      'IMAGE_FORMAT_UNSUPPORTED',
      /a HEIC|an HEIC/,
      () => Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'),
    ],
    [
      'a film',
      'IMAGE_FORMAT_UNSUPPORTED',
      /a film/,
      () => Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp41', 'latin1'),
    ],
    [
      'a truncated JPEG',
      'IMAGE_DAMAGED',
      /premature end/,
      async () => (await readFile(goldenImage('china.jpg'))).subarray(0, 50_000),
    ],
    [
      'a JPEG without its end',
      'IMAGE_DAMAGED',
      /premature end/,
      async () => (await readFile(goldenImage('china.jpg'))).subarray(0, -2),
    ],
    [
      'the start of a PNG',
      'IMAGE_DAMAGED',
      /PNG image is damaged/,
      () => pillowFile('png-rgb8').subarray(0, 20),
    ],
    ['a truncated WebP', 'IMAGE_DAMAGED', /WEBP image is damaged/, () => pillowFile('webp-truncated')],
    ['a truncated BMP', 'IMAGE_DAMAGED', /fewer than 23 rows/, () => pillowFile('bmp-truncated')],
    ['a truncated GIF', 'IMAGE_DAMAGED', /GIF image is damaged/, () => pillowFile('gif-truncated')],
    [
      'a TIFF with unknown compression',
      'IMAGE_FORMAT_UNSUPPORTED',
      /compressed in an unknown way/,
      () => pillowFile('tiff-zstd'),
    ],
    [
      'a PNG of 50,000 x 50,000 pixels',
      'IMAGE_TOO_LARGE',
      /50000 x 50000 pixels.*limits\.pixels/,
      () => pngBomb(50_000),
    ],
    ['too many bytes', 'IMAGE_TOO_LARGE', /2000001 bytes.*limits\.bytes/, () => new Uint8Array(2_000_001)],
    ['a stream of too many bytes', 'IMAGE_TOO_LARGE', /limits\.bytes/, () => Readable.from(endless())],
    [
      'a data URI of too many bytes',
      'IMAGE_TOO_LARGE',
      /limits\.bytes/,
      () => `data:;base64,${'A'.repeat(3_000_000)}`,
    ],
    ['too many frames', 'IMAGE_TOO_LARGE', /4 frames.*limits\.frames/, fourFrames],
    ['a network URL', 'IMAGE_URL_REFUSED', /https:/, () => 'https://example.com/a.jpg'],
    ['a network URL object', 'IMAGE_URL_REFUSED', /http:/, () => new URL('http://example.com/a.jpg')],
    ['a bucket URL', 'IMAGE_URL_REFUSED', /s3:/, () => 's3://bucket/a.jpg'],
    ['a file on another host', 'IMAGE_INPUT_INVALID', /no local file/, () => 'file://host/a%00.jpg'],
    ['a data URI without a comma', 'IMAGE_INPUT_INVALID', /no comma/, () => 'data:image/png;base64'],
    [
      'a data URI that is not base64',
      'IMAGE_INPUT_INVALID',
      /not base64/,
      () => 'data:image/png;base64,ab*d',
    ],
    ['a data URI with a broken escape', 'IMAGE_INPUT_INVALID', /without two digits/, () => 'data:,%f'],
    ['a folder', 'IMAGE_IS_FOLDER', /is a folder/, () => folder],
    [
      'a file that is not there',
      'IMAGE_NOT_FOUND',
      /There is no file .*missing\.jpg/,
      () => join(folder, 'missing.jpg'),
    ],
    ['a path with a zero byte', 'IMAGE_UNREADABLE', /cannot be read/, () => 'a\0b.jpg'],
    ['a stream that fails', 'IMAGE_UNREADABLE', /the line went dead/, () => Readable.from(failing())],
    ['a stream of text', 'IMAGE_INPUT_INVALID', /a string instead of bytes/, () => Readable.from(['text'])],
    [
      'raw pixels that are too few',
      'IMAGE_INPUT_INVALID',
      /are not 11 bytes/,
      () => ({ data: new Uint8Array(11), width: 2, height: 2, channels: 3 }),
    ],
    [
      'raw pixels without size',
      'IMAGE_INPUT_INVALID',
      /cannot be 0 x 2/,
      () => ({ data: new Uint8Array(0), width: 0, height: 2, channels: 3 }),
    ],
    [
      'raw pixels of two channels',
      'IMAGE_INPUT_INVALID',
      /not 2/,
      () => ({ data: new Uint8Array(8), width: 2, height: 2, channels: 2 as 3 }),
    ],
    [
      'raw pixels as floats',
      'IMAGE_INPUT_INVALID',
      /must be a Uint8Array/,
      () => ({ data: new Float32Array(12) as unknown as Uint8Array, width: 2, height: 2, channels: 3 }),
    ],
    ['null', 'IMAGE_INPUT_INVALID', /cannot be null/, () => null as unknown as ImageInput],
    ['a number', 'IMAGE_INPUT_INVALID', /cannot be number/, () => 5 as unknown as ImageInput],
  ])('refuses %s with %s', async (_, code, message, input) => {
    const error = await refusal(await input());
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it.skipIf(getuid?.() === 0)(
    'refuses a file that may not be read (skipped for root, who may read all)',
    async () => {
      const file = join(folder, 'secret.jpg');
      await writeFile(file, 'x');
      await chmod(file, 0);
      const error = await refusal(file);
      expect(error.code).toBe('IMAGE_UNREADABLE');
      expect(error.message).toMatch(/Check its permissions/);
    },
  );

  it('decides by content, not by name', async () => {
    const file = join(folder, 'photo.svg');
    await writeFile(file, await readFile(goldenImage('png-gray.png')));
    expect((await preprocessor.process(file)).source.format).toBe('png');
  });

  it('takes a file name with a colon for a file name', async () => {
    expect((await refusal('photo:1.jpg')).code).toBe('IMAGE_NOT_FOUND');
  });

  it('limits what a narrow image would become when nothing is cropped', async () => {
    const uncropped = createPreprocessor(
      {
        ...config,
        resize: { size: { shortestEdge: 512 }, filter: 'box' },
        centerCrop: { height: 16_384, width: 16_384 },
      },
      { worker },
    );
    await expect(uncropped.process(goldenImage('size-1x1.png'))).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      message: expect.stringMatching(/would have 16384 x 16384 pixels.*Choose a smaller image size/),
    });
    await uncropped.close();
  });

  it('goes on after all of these', async () => {
    expect((await preprocessor.process(goldenImage('size-3x2.png'))).pixelValues.dims).toEqual([3, 224, 224]);
  });
});

/** The file of one frame, with its image block four times. */
function fourFrames(): Buffer {
  const file = pillowFile('gif-plain');
  const start = 13 + 3 * 16;
  const image = file.subarray(start, -1);
  return Buffer.concat([file.subarray(0, start), image, image, image, image, Buffer.from(';')]);
}

async function* endless() {
  for (;;) yield new Uint8Array(100_000);
}

async function* failing() {
  yield new Uint8Array(10);
  throw new Error('the line went dead');
}
