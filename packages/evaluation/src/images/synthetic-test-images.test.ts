import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type SyntheticTestImage, syntheticTestImages } from './synthetic-test-images.js';

const width = 640;
const height = 480;

function bytesOf(name: SyntheticTestImage['name']): Uint8Array {
  const image = syntheticTestImages().find((one) => one.name === name)?.image;
  expect(image).toMatchObject({ width, height, channels: 3 });
  expect(image?.data).toHaveLength(width * height * 3);
  return new Uint8Array(image?.data ?? []);
}

/** Differences of every value to the one of the same colour to its right and below. */
function stepsOf(data: Uint8Array): number[] {
  const steps: number[] = [];
  for (let y = 0; y + 1 < height; y++) {
    for (let at = y * width * 3; at < ((y + 1) * width - 1) * 3; at++) {
      const value = data[at] as number;
      steps.push(Math.abs(value - (data[at + 3] as number)));
      steps.push(Math.abs(value - (data[at + width * 3] as number)));
    }
  }
  return steps;
}

const share = (steps: readonly number[], least: number) =>
  steps.filter((step) => step >= least).length / steps.length;

it.each([
  ['synthetic:smooth', '66f736977f19386b0ed2226d25707f49d555d0317f6322409ed7ea6f95ca02a4'],
  ['synthetic:texture', 'b943cf58ac85f7cd539608285c8624b64be811528debc1445ce21f444095268b'],
] as const)('%s has the same bytes everywhere: logs of two machines can be compared', (name, sha256) => {
  expect(createHash('sha256').update(bytesOf(name)).digest('hex')).toBe(sha256);
});

describe('synthetic:smooth', () => {
  const data = bytesOf('synthetic:smooth');

  it('has no edges, and no value that overflowed', () => {
    expect(stepsOf(data).reduce((most, step) => Math.max(most, step))).toBeLessThanOrEqual(3);
  });

  it.each(['red', 'green', 'blue'])('has dark and bright %s', (color) => {
    const channel = ['red', 'green', 'blue'].indexOf(color);
    const values = data.filter((_, at) => at % 3 === channel);
    expect(values.reduce((least, value) => Math.min(least, value))).toBeLessThan(40);
    expect(values.reduce((most, value) => Math.max(most, value))).toBeGreaterThan(200);
  });
});

describe('synthetic:texture', () => {
  const data = bytesOf('synthetic:texture');
  const red = (x: number, y: number) => data[(y * width + x) * 3] as number;

  it('has edges in many places, and texture in most', () => {
    const steps = stepsOf(data);
    expect(share(steps, 100)).toBeGreaterThan(0.05);
    expect(share(steps, 1)).toBeGreaterThan(0.6);
  });

  it.each([1, 2, 4, 8, 16, 32])('has a checkerboard of squares of %i pixels', (side) => {
    const y = 40 + Math.log2(side) * 32;
    const row = Array.from({ length: 192 }, (_, x) => red(120 + x, y) > 128);
    const runs = row
      .map((bright) => (bright ? '1' : '0'))
      .join('')
      .match(/0+|1+/g)
      ?.slice(1, -1)
      .map(({ length }) => length);
    expect(new Set(runs)).toEqual(new Set([side]));
  });

  it('keeps everything but noise in the square that a centre crop keeps', () => {
    const outside = Array.from({ length: width * height }, (_, place) => [
      place % width,
      Math.floor(place / width),
    ])
      .filter(([x = 0]) => x < 80 || x >= 560)
      .map(([x = 0, y = 0]) => red(x, y));
    expect(outside.every((value) => value >= 96 && value < 160)).toBe(true);
  });
});
