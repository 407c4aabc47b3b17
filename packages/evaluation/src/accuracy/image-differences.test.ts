import type { Tensor } from '@webssl/backend';
import { describe, expect, it } from 'vitest';
import type { TestImage } from '../images/load-test-images.js';
import { ImageDifferences } from './image-differences.js';

const size = { height: 2, width: 4 };
const patchSize = 2;

function imageAt(index: number): TestImage {
  const pixelValues = { data: new Float32Array(24), dims: [3, 2, 4] as const };
  return { index, name: `image ${index}`, pixelValues, rgb: new Uint8Array(24).fill(index) };
}

/** The CLS token and two patches, each two values wide. */
function tokens(...values: number[]): Tensor {
  return { data: new Float32Array(values), dims: [values.length / 2, 2] };
}

describe('the difference of an image', () => {
  it('is the relative L2 error of each patch, without the CLS token', () => {
    const differences = new ImageDifferences(size, patchSize);
    // Patch 0: an error of 5 in a vector of length 10. Patch 1: none.
    differences.add(imageAt(0), tokens(9, 9, 9, 12, 1, 2), tokens(1, 1, 6, 8, 1, 2), 0.5);
    expect(differences.list()).toEqual([
      {
        index: 0,
        image: 'image 0',
        rgb: new Uint8Array(24),
        height: 2,
        width: 4,
        rows: 1,
        columns: 2,
        patchErrors: Float64Array.of(0.5, 0),
      },
    ]);
  });

  it.each([
    ['the reference has none', tokens(1, 1, 2, 2, 3, 4), tokens(1, 1, 0, 0, 3, 4), [Number.NaN, 0]],
    ['a value is not finite', tokens(1, 1, Number.NaN, 2, 3, 4), tokens(1, 1, 2, 2, 3, 4), [Number.NaN, 0]],
    ['a token is missing', tokens(1, 1, 2, 2), tokens(1, 1, 2, 2, 3, 4), [Number.NaN, Number.NaN]],
    ['both have a token too many', tokens(...Array(8).fill(1)), tokens(...Array(8).fill(1)), [NaN, NaN]],
  ])('is NaN where %s', (_, candidate, reference, expected) => {
    const differences = new ImageDifferences(size, patchSize);
    differences.add(imageAt(0), candidate, reference, 0.5);
    expect(differences.list()[0]?.patchErrors).toEqual(Float64Array.from(expected));
  });
});

it('keeps the 32 images that differ most, in their order; one without figures differs more than any', () => {
  const differences = new ImageDifferences(size, patchSize);
  const same = tokens(1, 1, 1, 1, 1, 1);
  const figures = Array.from({ length: 40 }, (_, index) =>
    index === 3 ? Number.NaN : ((index * 7) % 40) / 100,
  );
  for (const [index, nmse] of figures.entries()) differences.add(imageAt(index), same, same, nmse);
  // Every figure from 0 to 0.39 occurs once, but that of image 3, 0.21: the 8 least are 0 to 0.07.
  const expected = figures.flatMap((nmse, index) => (nmse < 0.075 ? [] : [index]));
  expect(expected).toHaveLength(32);
  expect(differences.list().map(({ index }) => index)).toEqual(expected);
});
