import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackendSession, Isolation, PixelBatch } from '@webssl/backend';
import { cpu } from '@webssl/backend-cpu';
import { createModelSource } from '@webssl/graph';
import { nmse } from '@webssl/metrics';
import { openCheckpoint } from '@webssl/registry';
import { openTensorIndex, readTensor, type TensorIndex } from '@webssl/tensor-files';
import { goldenCheckpoint, goldenOutputs } from '@webssl-tooling/fixtures';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { weightBits } from './weight-bits.js';

/** One golden output of each checkpoint, at the checkpoint's own size. */
const examples = goldenOutputs().filter(
  ({ checkpoint, size }, index, all) =>
    size === null &&
    all.findIndex((other) => other.checkpoint === checkpoint && other.size === null) === index,
);

let cacheFolder = '';
let session: BackendSession | undefined;
beforeAll(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'webssl-int8-'));
});
afterEach(() => session?.close());
afterAll(() => rm(cacheFolder, { recursive: true }));

describe.each(['process', 'thread'] satisfies readonly Isolation[])('int8 in a %s', (isolation) => {
  it.each(examples)(
    'says so, is near the reference, and gives the same bits in any batch: $checkpoint',
    async ({ checkpoint, path }) => {
      const golden = await openTensorIndex(path);
      const [pixels, reference] = [
        await tensor(golden, 'pixel_values'),
        await tensor(golden, 'last_hidden_state'),
      ];
      const [, , height = 0, width = 0] = pixels.dims;
      const model = createModelSource(await openCheckpoint(goldenCheckpoint(checkpoint)), { cacheFolder });
      session = await cpu({ threads: 2 }).open(model, {
        ...{ size: { height, width }, outputs: ['last_hidden_state'], precision: 'int8', isolation },
      });
      expect(session.device).toMatchObject({
        ...{ backend: 'cpu', precision: 'int8', isolation },
        details: { weightBits: weightBits() },
      });

      const alone = await stateOf(session, { data: pixels.data, dims: [1, 3, height, width] });
      const error = nmse(alone, reference.data);
      expect(error).toBeGreaterThan(1e-8);
      expect(error).toBeLessThan(0.01);

      // The neighbours have other ranges: one scale for all three would change the image between them.
      const batch = Float32Array.from([
        ...pixels.data.map((value) => 5 * value),
        ...pixels.data,
        ...pixels.data.map((value) => value / 7 - 1),
      ]);
      const three = await stateOf(session, { data: batch, dims: [3, 3, height, width] });
      expect(three.length).toBe(3 * alone.length);
      expect(three.slice(alone.length, 2 * alone.length)).toEqual(alone);
      expect(three.slice(0, alone.length)).not.toEqual(alone);
    },
  );
});

async function stateOf(opened: BackendSession, pixels: PixelBatch): Promise<Float32Array> {
  const { last_hidden_state: state } = (await opened.run(pixels)).tensors;
  if (state === undefined) throw new Error('no last_hidden_state');
  return state.data;
}

async function tensor(index: TensorIndex, name: string) {
  const entry = index.tensors.get(name);
  if (entry === undefined) throw new Error(`no golden tensor ${name}`);
  return readTensor(entry);
}
