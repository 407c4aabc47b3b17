import { expect, it } from 'vitest';
import { attentionColours, attentionOfHead, clsAttention } from './cls-attention.js';
import { heatColour } from './heat-colour.js';

/** Two heads of four tokens: CLS, one that is no patch, two patches. Only the rows of CLS are of interest. */
const tensor = {
  shape: [2, 4, 4],
  data: Float32Array.from(
    [
      [0.5, 0.125, 0.25, 0.125],
      ...new Array(3).fill([9, 9, 9, 9]),
      [0, 0.25, 0.25, 0.5],
      ...new Array(3).fill([9, 9, 9, 9]),
    ].flat(),
  ),
};

it('takes what CLS gives to the patches, of one head or of all', () => {
  const attention = clsAttention(tensor, 2);
  expect([...attentionOfHead(attention, 0)]).toEqual([0.25, 0.125]);
  expect([...attentionOfHead(attention, 1)]).toEqual([0.25, 0.5]);
  expect([...attentionOfHead(attention, 'mean')]).toEqual([0.25, 0.3125]);
});

it('is brightest where the attention is largest, and says how much that is', () => {
  const { pixels, largest, total } = attentionColours(Float64Array.of(0.1, 0, 0.3));
  expect([largest, total]).toEqual([0.3, 0.4]);
  expect([...pixels.subarray(8, 11)]).toEqual([...heatColour(1)]);
  expect([...pixels.subarray(4, 7)]).toEqual([...heatColour(0)]);
  expect([3, 7, 11].map((alpha) => pixels[alpha])).toEqual([255, 255, 255]);
});

it('leaves out what is not finite', () => {
  const { pixels, largest } = attentionColours(Float64Array.of(Number.NaN, 0.25));
  expect(largest).toBe(0.25);
  expect(pixels[3]).toBe(0);
});

it('refuses an attention that does not fit the patches', () => {
  expect(() => clsAttention(tensor, 4)).toThrow(/\[2, 4, 4\], which does not fit 4 patches/);
  expect(() => clsAttention({ shape: [], data: new Float32Array() }, 4)).toThrow(/does not fit/);
});

it('has colours each brighter than the one before', () => {
  // Luminance as WCAG has it, of the linear parts of red, green and blue.
  const brightness = Array.from({ length: 51 }, (_, step) => {
    const [red, green, blue] = heatColour(step / 50).map((channel) => (channel / 255) ** 2.2);
    return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
  });
  expect(brightness).toEqual([...new Set(brightness)].sort((a, b) => a - b));
});
