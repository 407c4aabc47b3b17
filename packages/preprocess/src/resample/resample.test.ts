import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResampleFilter } from '../processor-config.js';
import type { PixelImage } from './pixel-image.js';
import { resample } from './resample.js';

/** The same resampler written a second time, as plainly as can be: whole image, one sample after the other. */
function plainResize(image: PixelImage, width: number, height: number, filter: ResampleFilter): Uint8Array {
  const tall = image.height > 100 * image.width && height < image.height;
  const passes = tall ? (['rows', 'columns'] as const) : (['columns', 'rows'] as const);
  let current = { width: image.width, height: image.height, data: plainRgb(image) };
  for (const pass of passes) current = plainPass(current, pass, pass === 'columns' ? width : height, filter);
  return current.data;
}

type Rgb = { width: number; height: number; data: Uint8Array };

function plainRgb({ width, height, channels, data }: PixelImage): Uint8Array {
  const pick = (pixel: number, channel: number) =>
    data[pixel * channels + (channels === 1 ? 0 : channel)] ?? 0;
  return Uint8Array.from({ length: width * height * 3 }, (_, index) =>
    pick(Math.floor(index / 3), index % 3),
  );
}

function plainPass(source: Rgb, axis: 'rows' | 'columns', target: number, filter: ResampleFilter): Rgb {
  const along = axis === 'columns';
  const length = along ? source.width : source.height;
  if (length === target) return source;
  const result = along
    ? { width: target, height: source.height, data: new Uint8Array(target * source.height * 3) }
    : { width: source.width, height: target, data: new Uint8Array(target * source.width * 3) };
  for (let index = 0; index < target; index += 1) {
    const { first, weights } = plainWeights(length, target, index, filter);
    for (let other = 0; other < (along ? source.height : source.width); other += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        let sum = 2 ** 21;
        weights.forEach((weight, tap) => {
          const pixel = along ? other * source.width + first + tap : (first + tap) * source.width + other;
          sum += (source.data[pixel * 3 + channel] ?? 0) * weight;
        });
        const out = along ? other * target + index : index * source.width + other;
        result.data[out * 3 + channel] = Math.min(255, Math.max(0, Math.floor(sum / 2 ** 22)));
      }
    }
  }
  return result;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const plainFilters: Record<ResampleFilter, [support: number, value: (x: number) => number]> = {
  box: [0.5, (x) => Number(x > -0.5 && x <= 0.5)],
  bilinear: [1, (x) => Math.max(0, 1 - Math.abs(x))],
  hamming: [
    1,
    (x) => {
      const window = Math.fround(0.54) + Math.fround(0.46) * Math.cos(Math.PI * x);
      return Math.abs(x) >= 1 ? 0 : x === 0 ? 1 : sinc(x) * window;
    },
  ],
  bicubic: [
    2,
    (x) => {
      const d = Math.abs(x);
      if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
      return d < 2 ? (((d - 5) * d + 8) * d - 4) * -0.5 : 0;
    },
  ],
  lanczos: [3, (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0)],
};

function plainWeights(length: number, target: number, index: number, filter: ResampleFilter) {
  const [halfWidth, value] = plainFilters[filter];
  const scale = length / target;
  const stretch = Math.max(1, scale);
  const center = (index + 0.5) * scale;
  const first = Math.max(0, Math.trunc(center - halfWidth * stretch + 0.5));
  const end = Math.min(length, Math.trunc(center + halfWidth * stretch + 0.5));
  const raw = Array.from({ length: end - first }, (_, tap) =>
    value((tap + first - center + 0.5) * (1 / stretch)),
  );
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  const weights = raw.map((weight) => {
    const normalised = weight / (total || 1);
    return Math.trunc(normalised * 2 ** 22 + (normalised < 0 ? -0.5 : 0.5));
  });
  return { first, weights };
}

function cut(
  data: Uint8Array,
  width: number,
  window: { left: number; top: number; width: number; height: number },
) {
  const rows = Array.from({ length: window.height }, (_, row) => {
    const from = ((window.top + row) * width + window.left) * 3;
    return data.subarray(from, from + window.width * 3);
  });
  return Buffer.concat(rows);
}

/** Samples that make sums overshoot: much pure black and white. */
function samples(length: number, seed: number): Uint8Array {
  let state = seed >>> 0;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const value = state >>> 24;
    return value < 80 ? 0 : value > 170 ? 255 : value;
  });
}

const side = (max: number) => fc.integer({ min: 1, max });
const filter = fc.constantFrom<ResampleFilter>('box', 'bilinear', 'hamming', 'bicubic', 'lanczos');

function expectSameAsPlain(
  image: PixelImage,
  width: number,
  height: number,
  name: ResampleFilter,
  at: number[],
) {
  const [a = 0, b = 0, c = 0, d = 0] = at;
  const left = Math.floor(a * (width - 1));
  const top = Math.floor(b * (height - 1));
  const window = {
    left,
    top,
    width: 1 + Math.floor(c * (width - left - 1)),
    height: 1 + Math.floor(d * (height - top - 1)),
  };
  const expected = cut(plainResize(image, width, height, name), width, window);
  const actual = resample(image, { width, height }, window, name);
  expect(Buffer.compare(actual, expected)).toBe(0);
}

describe('resample', () => {
  it('equals a plain implementation for any size, window, filter and number of channels', () => {
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.tuple(side(90), side(90), side(70), side(70)),
        filter,
        fc.constantFrom<1 | 3 | 4>(1, 3, 4),
        fc.tuple(fraction, fraction, fraction, fraction),
        fc.integer(),
        ([width, height, newWidth, newHeight], name, channels, at, seed) => {
          const data = samples(width * height * channels, seed);
          expectSameAsPlain({ width, height, channels, data }, newWidth, newHeight, name, at);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('resizes vertically first where an image is more than 100 times as high as wide and becomes lower', () => {
    fc.assert(
      fc.property(
        side(4),
        fc.integer({ min: 50, max: 110 }),
        side(12),
        filter,
        fc.integer(),
        (width, ratio, newWidth, name, seed) => {
          const height = width * ratio + (seed & 1);
          const data = samples(width * height * 3, seed);
          const image = { width, height, channels: 3 as const, data };
          expectSameAsPlain(image, newWidth, Math.ceil(height / 2), name, [0, 0, 1, 1]);
          expectSameAsPlain(image, newWidth, height + 3, name, [0.3, 0.6, 1, 0.5]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is the identity where the size stays', () => {
    const data = samples(31 * 17 * 3, 1);
    const image = { width: 31, height: 17, channels: 3 as const, data };
    const result = resample(image, image, { left: 0, top: 0, width: 31, height: 17 }, 'lanczos');
    expect(Buffer.compare(result, data)).toBe(0);
  });

  it.each([
    ['very wide', 90_000, 1, 2, 1],
    ['very wide and enlarged in height', 40_000, 2, 3, 9],
    ['high, a single row of it', 40, 3999, 60, 2],
    ['very tall', 2, 90_000, 30, 3],
    ['very tall and as wide as before', 3, 40_000, 3, 1],
  ])('stays within its memory for an image that is %s', (_, width, height, newWidth, newHeight) => {
    const image = { width, height, channels: 3 as const, data: samples(width * height * 3, 9) };
    expectSameAsPlain(image, newWidth, newHeight, 'lanczos', [0, 0, 1, 1]);
    expectSameAsPlain(image, newWidth, newHeight, 'lanczos', [1, 1, 1, 1]);
  });

  it('resamples in several bands without seams', () => {
    const image = { width: 700, height: 600, channels: 3 as const, data: samples(700 * 600 * 3, 5) };
    expectSameAsPlain(image, 40, 30, 'bicubic', [0, 0, 1, 1]);
  });
});
