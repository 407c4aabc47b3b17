import { WebsslError } from '@webssl/backend';
import { expect, it } from 'vitest';
import { patchColours } from './patch-colours.js';

/** Patches on a line each way: the first direction has four times the second one's variance. */
const cross = [
  [-10, 0, 3],
  [10, 0, 3],
  [0, -5, 3],
  [0, 5, 3],
];
const shape = [4, 3];

it('gives the strongest direction to red and the next to green', () => {
  const { pixels, shares } = patchColours({ shape, data: Float32Array.from(cross.flat()) });
  // From least to most, between the 1st and the 99th percentile of each direction; nothing is left for blue.
  // Half way is 127.5, and rounding decides.
  expect(Array.from(pixels, (value) => (value === 127 ? 128 : value))).toEqual(
    [
      [0, 128, 128, 255],
      [255, 128, 128, 255],
      [128, 0, 128, 255],
      [128, 255, 128, 255],
    ].flat(),
  );
  expect(shares).toHaveLength(3);
  expect(shares[0]).toBeCloseTo(0.8, 12);
  expect(shares[1]).toBeCloseTo(0.2, 12);
  expect(shares[2]).toBe(0);
});

it('is grey where all patches are alike', () => {
  const { pixels, shares } = patchColours({ shape, data: new Float32Array(12).fill(0.1) });
  expect([...pixels]).toEqual(new Array(4).fill([128, 128, 128, 255]).flat());
  expect(shares).toEqual([0, 0, 0]);
});

it('refuses features that are not finite', () => {
  const data = Float32Array.from(cross.flat());
  data[5] = Number.NaN;
  expect(() => patchColours({ shape, data })).toThrow(WebsslError);
});
