import * as plot from '@observablehq/plot';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { imageDifference } from '../testing/image-difference.js';
import { heatLegend, heatScale } from './heat-scale.js';
import { patchPictures } from './patch-picture.js';
import { patchStatistics, worstImagesFirst } from './patch-statistics.js';

const image = (patchErrors: readonly number[], index = 0) => ({
  ...imageDifference(index, `${index}.jpg`),
  rows: 2,
  columns: 3,
  patchErrors: Float64Array.from(patchErrors),
});

it('finds the worst patch, the median and what is not finite', () => {
  expect(patchStatistics(image([1, 2, Number.NaN, 4, 9, 3]))).toEqual({
    worst: { error: 9, row: 1, column: 1 },
    median: 3,
    notFinite: 1,
    isIdentical: false,
  });
  expect(patchStatistics(image([4, 1, 2, 3, 0, 0])).median).toBe(1.5);
  expect(patchStatistics(image([0, 0, 0, 0, 0, 0])).isIdentical).toBe(true);
  const broken = patchStatistics(image(Array.from({ length: 6 }, () => Number.NaN)));
  expect(broken).toEqual({ median: Number.NaN, notFinite: 6, isIdentical: false });
});

it('puts images with patches that are not finite first, then the largest errors', () => {
  const images = [
    image([1, 1, 1, 1, 1, 1], 0),
    image([0, 0, 7, 0, 0, 0], 1),
    image([0, Number.NaN, 0, 0, 0, 0], 2),
  ];
  expect(worstImagesFirst(images).map(({ index }) => index)).toEqual([2, 1, 0]);
});

it('has a scale from the least to the largest error, at most six decades wide', () => {
  // The ends of viridis, as matplotlib publishes them.
  const scale = heatScale(plot, [0, Number.NaN, 1e-4, 1e-2, Number.POSITIVE_INFINITY]);
  expect([scale?.low, scale?.high]).toEqual([1e-4, 1e-2]);
  expect([scale?.colour(1e-4), scale?.colour(1e-2)]).toEqual(['#440154', '#fde725']);
  expect(heatScale(plot, [1e-300, 1])?.low).toBe(1e-6);
  expect(heatScale(plot, [0, Number.NaN])).toBeUndefined();
});

it('has a legend with numbers also for one error alone', () => {
  const one = heatScale(plot, [0.02]);
  expect(one?.colour(0.02)).toBe('#fde725');
  expect(one === undefined ? '' : heatLegend(one).markup).toContain('<span>0.020</span>');
});

it('colours each patch, and none that is identical or not finite', async () => {
  const difference = image([0, 1e-4, 1e-2, Number.NaN, 1e-3, 1e-2]);
  const scale = heatScale(plot, [...difference.patchErrors]);
  const { markup } = await patchPictures(difference, scale, patchStatistics(difference));
  const [, png = ''] = /data:image\/png;base64,([^"]+)/.exec(markup) ?? [];
  const { data, info } = await sharp(Buffer.from(png, 'base64'))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([3, 2]);
  const alphas = [0, 1, 2, 3, 4, 5].map((patch) => data[patch * 4 + 3]);
  expect(alphas).toEqual([0, 255, 255, 0, 255, 255]);
  expect([...data.subarray(4, 7)]).toEqual([0x44, 0x01, 0x54]);
  expect(markup).toContain('class="not-finite" d="M0,10l10,10m0,-10l-10,10"');
  expect(markup.match(/data:image\/jpeg/g)).toHaveLength(2);
});

it('keeps the shape of what the model saw, in at most 448 pixels', async () => {
  const rgb = new Uint8Array(900 * 600 * 3).fill(200);
  const wide = { ...image([0, 1, 2, 3, 4, 5]), rgb, height: 600, width: 900 };
  const { markup } = await patchPictures(wide, heatScale(plot, [1, 5]), patchStatistics(wide));
  const [, jpeg = ''] = /data:image\/jpeg;base64,([^"]+)/.exec(markup) ?? [];
  const { width, height } = await sharp(Buffer.from(jpeg, 'base64')).metadata();
  expect([width, height]).toEqual([448, 299]);
  expect(markup).toContain('viewBox="0 0 30 20"');
});
