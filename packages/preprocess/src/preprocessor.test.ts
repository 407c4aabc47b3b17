import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { cwd, execPath } from 'node:process';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { goldenImage } from '@webssl-tooling/fixtures';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { ImageInput } from './image-input.js';
import { parseProcessorConfig } from './parse-processor-config.js';
import { patchGrid } from './patch-grid.js';
import { createPreprocessor, type PreprocessorOptions } from './preprocessor.js';
import { worker } from './testing/built-worker.js';

const config = parseProcessorConfig({ image_processor_type: 'BitImageProcessor' });
const open: { close(): Promise<void> }[] = [];

function preprocessorWith(options: PreprocessorOptions = {}, from = config) {
  const preprocessor = createPreprocessor(from, { worker, ...options });
  open.push(preprocessor);
  return preprocessor;
}

afterAll(() => Promise.all(open.map((one) => one.close())));

const path = goldenImage('chelsea.png');
const preprocessor = preprocessorWith();

describe('inputs', async () => {
  const bytes = await readFile(path);
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  const size = { width: info.width, height: info.height };
  const rgba = await sharp(bytes).ensureAlpha(0.3).raw().toBuffer();
  const expected = await preprocessor.process(path);

  it.each<[string, () => ImageInput]>([
    ['a relative path', () => relative(cwd(), path)],
    ['a file URL', () => pathToFileURL(path)],
    ['a file URL as text', () => pathToFileURL(path).href],
    ['a Buffer', () => bytes],
    ['a part of a larger Uint8Array', () => new Uint8Array([...bytes.subarray(0, 7), ...bytes]).subarray(7)],
    ['a Node stream', () => createReadStream(path, { highWaterMark: 999 })],
    ['a web stream', () => new Blob([bytes]).stream() as unknown as ImageInput],
    ['an async iterable', () => chunksOf(bytes)],
    ['a data URI', () => `data:image/png;base64,${bytes.toString('base64')}`],
    ['a data URI as URL', () => new URL(`data:;base64,${bytes.toString('base64')}`)],
    [
      'a data URI in percent encoding',
      () => `data:,${[...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')}`,
    ],
    ['raw RGB', () => ({ data, ...size, channels: 3 })],
    ['raw RGBA, clamped', () => ({ data: new Uint8ClampedArray(rgba), ...size, channels: 4 })],
  ])('takes %s', async (_, input) => {
    const actual = await preprocessor.process(input());
    expect(
      Buffer.compare(
        Buffer.from(actual.pixelValues.data.buffer),
        Buffer.from(expected.pixelValues.data.buffer),
      ),
    ).toBe(0);
  });

  it('takes raw gray as three equal channels', async () => {
    const gray = Uint8Array.from({ length: 40 * 30 }, (_, index) => (index * 7) % 256);
    const tripled = Uint8Array.from(
      { length: gray.length * 3 },
      (_, index) => gray[Math.floor(index / 3)] ?? 0,
    );
    const one = await preprocessor.process({ data: gray, width: 40, height: 30, channels: 1 }, { rgb: true });
    const three = await preprocessor.process(
      { data: tripled, width: 40, height: 30, channels: 3 },
      { rgb: true },
    );
    expect(one.rgb).toEqual(three.rgb);
  });

  it('leaves the caller the bytes that it gave', async () => {
    const own = Uint8Array.from(bytes);
    await preprocessor.process(own);
    expect(Buffer.compare(own, bytes)).toBe(0);
  });

  it('tells where the image came from, and returns the crop only when asked', () => {
    expect(expected.source).toEqual({ format: 'png', width: 451, height: 300, orientation: 1 });
    expect(expected.pixelValues.dims).toEqual([3, 224, 224]);
    expect(expected.rgb).toBeUndefined();
  });
});

async function* chunksOf(bytes: Uint8Array) {
  for (let from = 0; from < bytes.length; from += 10_000) {
    await sleep(0);
    yield bytes.subarray(from, from + 10_000);
  }
}

describe('orientation', () => {
  // Every 14-pixel patch has its own colour, so a patch tells where it came from.
  const [width, height] = [448, 224];
  const data = Uint8Array.from({ length: width * height * 3 }, (_, index) => {
    const pixel = Math.floor(index / 3);
    const patch = [Math.floor((pixel % width) / 14) * 8, Math.floor(pixel / width / 14) * 16, 77];
    return patch[index % 3] ?? 0;
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    '%i: boxes lead back to the pixels that the model saw',
    async (orientation) => {
      const png = await sharp(data, { raw: { width, height, channels: 3 } })
        .withMetadata({ orientation })
        .png()
        .toBuffer();
      const squashing = { ...config, resize: { size: { shortestEdge: 224 }, filter: 'box' as const } };
      for (const exif of ['ignore', 'apply'] as const) {
        const { rgb, geometry, source } = await preprocessorWith({ exif }, squashing).process(png, {
          rgb: true,
        });
        expect(source).toMatchObject({ width, height, orientation });
        expect(geometry.orientation).toBe(exif === 'apply' ? orientation : 1);
        const grid = patchGrid({ size: geometry.input, patchSize: 14, geometry });
        for (const token of [1, 16, 117, 256]) {
          const box = grid.box(token);
          const patch = grid.patch(token);
          if (box === undefined || patch === undefined || rgb === undefined) throw new Error('no patch');
          const seen = ((patch.row * 14 + 7) * 224 + patch.column * 14 + 7) * 3;
          const stored = ((box.top + 7) * width + box.left + 7) * 3;
          expect([...rgb.subarray(seen, seen + 3)]).toEqual([...data.subarray(stored, stored + 3)]);
        }
      }
    },
  );
});

describe('the event loop', () => {
  it('goes on while a large image is prepared', async () => {
    const side = 6000;
    const pixels = { data: new Uint8Array(side * side * 3), width: side, height: side, channels: 3 as const };
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 1);
    await preprocessor.process(pixels);
    clearInterval(timer);
    // Decoded or resized in this thread, the image would let no timer fire.
    expect(ticks).toBeGreaterThan(10);
  });
});

describe('life', () => {
  it('rejects with the reason of a signal, before and during the work', async () => {
    await expect(
      preprocessor.process(path, { signal: AbortSignal.abort(new Error('early')) }),
    ).rejects.toThrow('early');
    const controller = new AbortController();
    const running = preprocessor.process(path, { signal: controller.signal });
    controller.abort(new Error('late'));
    await expect(running).rejects.toThrow('late');
    expect((await preprocessor.process(path)).pixelValues.dims).toEqual([3, 224, 224]);
  });

  it('stops reading a stream that never ends when it is aborted, and ends the stream', async () => {
    const controller = new AbortController();
    const endless = new Readable({ read: () => undefined });
    const running = preprocessor.process(endless, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await sleep(5);
    expect(endless.destroyed).toBe(true);
  });

  it('refuses images after it was closed', async () => {
    const closed = preprocessorWith();
    await closed.process(path);
    await closed.close();
    await expect(closed.process(path)).rejects.toMatchObject({ code: 'PREPROCESS_CLOSED' });
  });

  it('lets a program that forgot to close it end, with its result printed', async () => {
    const program = `
      import { createPreprocessor, parseProcessorConfig } from '${new URL('../dist/index.js', import.meta.url).href}';
      const config = parseProcessorConfig({ image_processor_type: 'BitImageProcessor' });
      const { pixelValues } = await createPreprocessor(config).process(${JSON.stringify(path)});
      console.log(pixelValues.dims.join());
    `;
    const { stdout } = await promisify(execFile)(execPath, ['--input-type=module', '--eval', program]);
    expect(stdout.trim()).toBe('3,224,224');
  });
});

describe("resize: 'fast'", () => {
  it.each([
    'china.jpg',
    'astronaut.png',
    'webp-lossy.webp',
    'png-rgba.png',
    'jpeg-cmyk.jpg',
    'png-gray16.png',
    'bmp.bmp',
  ])('comes close to the exact pixels of %s', async (name) => {
    const fast = await preprocessorWith({ resize: 'fast' }).process(goldenImage(name), { rgb: true });
    const exact = await preprocessor.process(goldenImage(name), { rgb: true });
    expect(fast.geometry).toEqual(exact.geometry);
    const difference = (index: number) => Math.abs((fast.rgb?.[index] ?? 0) - (exact.rgb?.[index] ?? 0));
    let total = 0;
    for (let index = 0; index < 224 * 224 * 3; index += 1) total += difference(index);
    expect(total / (224 * 224 * 3)).toBeLessThan(3);
  });

  it('pads and turns as the exact way does', async () => {
    const small = { ...config, resize: { size: { shortestEdge: 160 }, filter: 'bicubic' as const } };
    const options = { exif: 'apply' } as const;
    const fast = await preprocessorWith({ ...options, resize: 'fast' }, small).process(
      goldenImage('jpeg-exif-rotate90.jpg'),
      { rgb: true },
    );
    const exact = await preprocessorWith(options, small).process(goldenImage('jpeg-exif-rotate90.jpg'), {
      rgb: true,
    });
    expect(fast.geometry).toEqual(exact.geometry);
    expect(fast.source).toEqual(exact.source);
    expect([...(fast.rgb ?? []).slice(0, 3)]).toEqual([0, 0, 0]);
  });

  it('refuses a filter that libvips does not have', () => {
    const hamming = { ...config, resize: { size: { shortestEdge: 224 }, filter: 'hamming' as const } };
    expect(() => createPreprocessor(hamming, { resize: 'fast' })).toThrow(/no hamming filter/);
  });
});

describe('options', () => {
  it.each<[PreprocessorOptions, RegExp]>([
    [{ concurrency: 0 }, /concurrency is 0/],
    [{ limits: { pixels: Number.NaN } }, /limits.pixels is NaN/],
    [{ exif: 'rotate' as 'apply' }, /exif is 'rotate'/],
    [{ resize: 'nearest' as 'fast' }, /resize is 'nearest'/],
  ])('refuses %o', (options, message) => {
    expect(() => createPreprocessor(config, options)).toThrow(
      expect.objectContaining({ code: 'IMAGE_OPTION_INVALID', message: expect.stringMatching(message) }),
    );
  });
});
