import { createHash } from 'node:crypto';
import { parseProcessorConfig } from '@webssl/preprocess';
import { goldenImage, goldenPreprocessing } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from '../testing/scratch-folder.js';
import { loadTestImages, type TestImage, testImageSources, type UnusableImage } from './load-test-images.js';

const scratch = scratchFolder();
const { processors, cases } = goldenPreprocessing();
const processor = parseProcessorConfig(processors['webssl-224']);
const golden = (image: string) => cases.find((one) => one.processor === 'webssl-224' && one.image === image);
const sha256 = ({ buffer, byteOffset, byteLength }: Uint8Array | Float32Array) =>
  createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');

async function load(paths?: readonly string[]): Promise<(TestImage | UnusableImage)[]> {
  const images: (TestImage | UnusableImage)[] = [];
  for await (const image of loadTestImages(testImageSources(paths), processor)) images.push(image);
  return images;
}

describe('the images of an evaluation', () => {
  it('are prepared as the reference implementation prepares them', async () => {
    const names = ['astronaut.png', 'rocket.jpg'];
    const images = await load(names.map(goldenImage));
    expect(images).toHaveLength(2);
    for (const [index, image] of images.entries()) {
      const name = names[index] ?? '';
      expect(image).toMatchObject({ index, name: goldenImage(name), pixelValues: { dims: [3, 224, 224] } });
      if ('error' in image) throw image.error;
      expect(sha256(image.pixelValues.data)).toBe(golden(name)?.pixel_values_sha256);
      expect(sha256(image.rgb)).toBe(golden(name)?.rgb_sha256);
    }
  });

  it('are the two synthetic ones when none are named', async () => {
    expect(await load()).toMatchObject([
      { index: 0, name: 'synthetic:smooth', pixelValues: { dims: [3, 224, 224] } },
      { index: 1, name: 'synthetic:texture', pixelValues: { dims: [3, 224, 224] } },
    ]);
  });

  it('keep their places when one between them cannot be used', async () => {
    const absent = scratch.path('absent.png');
    const images = await load([goldenImage('astronaut.png'), absent, goldenImage('chelsea.png')]);
    expect(images.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(images.map((image) => 'error' in image)).toEqual([false, true, false]);
    expect(images[1]).toMatchObject({ name: absent, error: { code: expect.stringMatching(/^IMAGE_/) } });
  });

  it('end with the reason of the signal, before the next one is read', async () => {
    const abort = new AbortController();
    const seen: string[] = [];
    const reading = async () => {
      const sources = testImageSources(undefined);
      for await (const { name } of loadTestImages(sources, processor, { signal: abort.signal })) {
        seen.push(name);
        abort.abort(new Error('enough'));
      }
    };
    await expect(reading()).rejects.toThrow('enough');
    expect(seen).toEqual(['synthetic:smooth']);
  });
});
