import assert from 'node:assert/strict';
import type { BackendSession } from '../../contract.js';
import { sameBits, tensorOf } from '../assertions.js';
import type { CaseDefinition } from '../case-context.js';
import { fixtureOutputs } from '../fixture-parts.js';
import { fixturePixels } from '../fixture-pixels.js';

/** All sizes to 33, which is more than any device takes at once: also those between the batch sizes of a device. */
const batchSizes = Array.from({ length: 33 }, (_, index) => index + 1);

export const batchCases: readonly CaseDefinition[] = [
  {
    name: 'batches of 1 to 33 have every image in its own row',
    async check(context) {
      const session = await context.open();
      for (const size of batchSizes) {
        const images = Array.from({ length: size }, (_, index) => (index * 3 + size) % 11);
        const result = await session.run(fixturePixels(images));
        for (const output of fixtureOutputs) context.assertValues(result, images, output);
      }
    },
  },
  {
    name: 'an image gives the same bits alone and in any batch',
    async check(context) {
      const session = await context.open();
      const alone = await Promise.all([0, 1, 2, 3, 4].map((image) => run(session, [image])));
      for (const images of [
        [4, 0],
        [2, 1, 3],
        [0, 1, 2, 3, 4],
        [3, 3, 3],
      ]) {
        const together = await run(session, images);
        images.forEach((image, row) => {
          const expected = alone[image] ?? new Float32Array();
          const values = together.subarray(row * expected.length, (row + 1) * expected.length);
          assert.ok(
            sameBits(values, expected),
            `image ${image} differs in row ${row} of the batch ${images.join(', ')}`,
          );
        });
      }
    },
  },
  {
    name: 'an image of NaN harms no other image, nor the next run',
    async check(context) {
      const session = await context.open();
      const alone = await run(session, [0]);
      const pixels = fixturePixels([0, 1, 0]);
      pixels.data.fill(Number.NaN, pixels.data.length / 3, (2 * pixels.data.length) / 3);
      const { data } = tensorOf(await session.run(pixels), 'last_hidden_state');
      assert.ok(sameBits(data.subarray(0, alone.length), alone), 'the image before the one of NaN');
      assert.ok(sameBits(data.subarray(2 * alone.length), alone), 'the image after the one of NaN');
      assert.ok(
        data.subarray(alone.length, 2 * alone.length).every(Number.isNaN),
        'NaN pixels give numbers that look valid',
      );
      assert.ok(sameBits(await run(session, [0]), alone), 'the next run');
    },
  },
];

async function run(session: BackendSession, images: readonly number[]): Promise<Float32Array> {
  return tensorOf(await session.run(fixturePixels(images)), 'last_hidden_state').data;
}
