import { cosineSimilarity, meanAttentionEntropy } from '@webssl/metrics';
import { openTensorIndex, readTensor } from '@webssl/tensor-files';
import { goldenCheckpoint, goldenImage, goldenOutputs } from '@webssl-tooling/fixtures';
import { expect, it } from 'vitest';
import { measureModel } from './model-statistics.js';

const images = ['astronaut.png', 'chelsea.png'];

async function golden(image: string, tensor: string) {
  const example = goldenOutputs().find(
    (entry) => entry.checkpoint === 'vit-tiny-p14' && entry.image === image && entry.size === null,
  );
  const entry = (await openTensorIndex(example?.path ?? '')).tensors.get(tensor);
  if (entry === undefined) throw new Error(`no golden ${tensor} of ${image}`);
  return readTensor(entry);
}

it('measures every layer; what the reference has agrees', async () => {
  const done: number[] = [];
  const statistics = await measureModel(goldenCheckpoint('vit-tiny-p14'), {
    images: images.map(goldenImage),
    onLayer: (count, total) => done.push(count / total),
  });
  expect(statistics.attentionEntropy).toHaveLength(4);
  expect(statistics.effectOfLeavingOut).toHaveLength(4);
  for (const effect of statistics.effectOfLeavingOut) expect(effect).toBeGreaterThan(0);
  expect(done.at(-1)).toBe(1);

  const states = await Promise.all(images.map((image) => golden(image, 'last_hidden_state')));
  const [first, second] = states.map(({ data }) => data.subarray(0, 64));
  expect(statistics.largestClsCosine).toBeCloseTo(cosineSimilarity(first ?? [], second ?? []), 5);
});

it('takes the mean over all images', async () => {
  const image = goldenImage('astronaut.png');
  const { attentionEntropy } = await measureModel(goldenCheckpoint('vit-tiny-p14'), {
    images: [image, image],
  });
  const map = await golden('astronaut.png', 'attentions.3');
  expect(attentionEntropy[3]).toBeCloseTo(meanAttentionEntropy(map.data, 257), 5);
});

it('needs two images to compare', async () => {
  await expect(
    measureModel(goldenCheckpoint('vit-tiny-p14'), { images: [goldenImage('astronaut.png')] }),
  ).rejects.toMatchObject({ code: 'STATISTICS_IMAGES_MISSING' });
});
