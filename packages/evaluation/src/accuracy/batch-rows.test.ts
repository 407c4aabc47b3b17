import type { Backend } from '@webssl/backend';
import { cpu } from '@webssl/backend-cpu';
import { judge, recordsOf } from '@webssl/checker';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { WatchedBackend } from '../performance/testing/watched-backend.js';
import { swapped, swappedAtTheEnd, wrongInTheLastRow } from '../testing/broken-candidates.js';
import { measureAccuracy } from './measure-accuracy.js';

const model = goldenCheckpoint('vit-tiny-p14');
const images = ['astronaut.png', 'chelsea.png', 'rocket.jpg'].map(goldenImage);

/** The images and batch sizes, `<index> in <batch>`, of which a figure is out of bound. */
async function outOfBound(candidate: Backend, count: number, batches: readonly number[]) {
  const { records } = await measureAccuracy({
    model,
    images: images.slice(0, count),
    batches,
    reference: { device: 'cpu' },
    candidate: { device: candidate },
  });
  const whole = recordsOf(records, 'accuracy.image').filter(({ tensor }) => tensor === 'last_hidden_state');
  // As many as without fillers: what they show is in the records of the images that they are made from.
  expect(whole).toHaveLength(count * (batches.length + 1));
  return {
    verdict: judge(records, {}, { expect: ['accuracy'] }).result,
    places: whole.filter(({ nmse }) => !(nmse <= 0.01)).map(({ index, batch }) => `${index} in ${batch}`),
  };
}

describe('every row of every batch counts', () => {
  it.each([
    // Rows of 0 and 1, then those that fill the batch up, from the last image on: 1', 0'.
    ['2 images in batches of 4', wrongInTheLastRow, 2, [4], ['0 in 4']],
    // 14 of the 16 rows are variations of 1 and 0 in turn.
    ['2 images in batches of 16', wrongInTheLastRow, 2, [16], ['0 in 16']],
    ['1 image in batches of 2', wrongInTheLastRow, 1, [2], ['0 in 2']],
    // 0 and 1; 2 and 2'. 0, 1, 2 and 2'.
    ['3 images in batches of 2 and 4', wrongInTheLastRow, 3, [2, 4], ['1 in 2', '2 in 2', '2 in 4']],
  ])('where the last one is NaN, with %s', async (_, breakIt, count, batches, expected) => {
    const { verdict, places } = await outOfBound(breakIt(cpu()), count, batches);
    expect(verdict).toBe('FAIL');
    expect(places).toEqual(expected);
  });

  it.each([
    ['2 images in batches of 4', 2, [4], ['0 in 4', '1 in 4']],
    ['1 image in batches of 4', 1, [4], ['0 in 4']],
    [
      '3 images in batches of 2 and 4',
      3,
      [2, 4],
      // The last two of the batch of 4 are 2 and its variation.
      ['0 in 2', '1 in 2', '2 in 2', '2 in 4'],
    ],
  ])('where the last two are swapped, with %s', async (_, count, batches, expected) => {
    const { verdict, places } = await outOfBound(swappedAtTheEnd(cpu()), count, batches);
    expect(verdict).toBe('FAIL');
    expect(places).toEqual(expected);
  });

  it('where the first two are swapped, which are images themselves', async () => {
    const { places } = await outOfBound(swapped(cpu()), 3, [4]);
    expect(places).toEqual(['0 in 4', '1 in 4']);
  });

  it('and none is out of bound of a candidate that is right', async () => {
    const right = { ...cpu({ threads: 1 }), id: 'cpu-other' };
    expect(await outOfBound(right, 3, [2, 4, 16])).toEqual({ verdict: 'PASS', places: [] });
  });
});

it('asks the reference once for a variation that several batch sizes share', async () => {
  const reference = new WatchedBackend('watched');
  await measureAccuracy({
    model,
    images: images.slice(0, 1),
    batches: [2, 3, 4],
    reference: { device: reference },
    candidate: { device: 'cpu' },
  });
  // The image, and the three variations that the batch of 4 takes.
  expect(reference.runs.map(({ batch }) => batch)).toEqual([1, 1, 1, 1]);
});

it('compares no batch of which the reference cannot compute every row, and says why', async () => {
  let runs = 0;
  const reference = new WatchedBackend('watched', {
    beforeRun: () => {
      if (++runs === 3) throw new Error('out of memory');
    },
  });
  const { records } = await measureAccuracy({
    model,
    images: images.slice(0, 2),
    batches: [3],
    reference: { device: reference },
    candidate: { device: 'cpu' },
  });
  expect(recordsOf(records, 'run.error')).toMatchObject([
    { message: 'out of memory', device: 'watched', index: 1, image: images[1] },
  ]);
  expect(recordsOf(records, 'accuracy.image').map(({ batch }) => batch)).toEqual([1, 1, 1, 1]);
  expect(judge(records, {}, { expect: ['accuracy'] }).result).toBe('FAIL');
});
