import { readdir } from 'node:fs/promises';
import { cpu } from '@webssl/backend-cpu';
import { recordSchemas, recordsOf } from '@webssl/checker';
import { nmse } from '@webssl/metrics';
import { openTensorIndex, readTensor } from '@webssl/tensor-files';
import { goldenCheckpoint, goldenImage, goldenOutputs } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from '../testing/scratch-folder.js';
import type { AccuracyOptions } from './accuracy-options.js';
import { measureAccuracy } from './measure-accuracy.js';

const scratch = scratchFolder();
const model = goldenCheckpoint('vit-tiny-p14');
const astronaut = goldenImage('astronaut.png');
const chelsea = goldenImage('chelsea.png');
const rocket = goldenImage('rocket.jpg');
const twoThreads: AccuracyOptions = {
  model,
  reference: { device: 'cpu', threads: 2 },
  candidate: { device: 'cpu', threads: 1 },
};

async function golden(image: string, name: string) {
  const example = goldenOutputs().find(
    (entry) => entry.checkpoint === 'vit-tiny-p14' && entry.image === image && entry.size === null,
  );
  return tensorIn(example?.path ?? '', name);
}

async function tensorIn(path: string, name: string) {
  const entry = (await openTensorIndex(path)).tensors.get(name);
  if (entry === undefined) throw new Error(`${path} has no ${name}`);
  return readTensor(entry);
}

describe('an accuracy run', () => {
  it('records what it plans, what it finds and what it comes to', async () => {
    const steps: string[] = [];
    const seen: string[] = [];
    const { records, images } = await measureAccuracy({
      ...twoThreads,
      layers: true,
      stability: 2,
      onStep: (done, total) => steps.push(`${done}/${total}`),
      onRecord: ({ record }) => seen.push(record),
    });
    expect(seen).toEqual(records.map(({ record }) => record));
    for (const { record, ...fields } of records) {
      expect(recordSchemas[record].parse(fields), record).toEqual(fields);
    }
    expect(records.slice(0, 4)).toMatchObject([
      {
        record: 'run.plan',
        kind: 'accuracy',
        schema: 1,
        model,
        synthetic: false,
        height: 224,
        width: 224,
        reference: 'cpu[threads:2]',
        candidate: 'cpu[threads:1]',
        images: 2,
        batches: [1, 2],
        layers: 5,
        stability: 2,
        max_nmse: 0.01,
      },
      { record: 'run.environment' },
      {
        record: 'run.device',
        role: 'reference',
        device: 'cpu[threads:2]',
        backend: 'cpu',
        precision: 'fp32',
      },
      { record: 'run.device', role: 'candidate', device: 'cpu[threads:1]' },
    ]);
    const compared = recordsOf(records, 'accuracy.image');
    expect(compared.map(({ index, image, batch, tensor }) => `${index} ${image} ${batch} ${tensor}`)).toEqual(
      [
        '0 synthetic:smooth 1 last_hidden_state',
        '0 synthetic:smooth 1 cls',
        '1 synthetic:texture 1 last_hidden_state',
        '1 synthetic:texture 1 cls',
        '0 synthetic:smooth 2 last_hidden_state',
        '0 synthetic:smooth 2 cls',
        '1 synthetic:texture 2 last_hidden_state',
        '1 synthetic:texture 2 cls',
      ],
    );
    for (const figures of compared) {
      expect(figures).toMatchObject({ values: figures.tensor === 'cls' ? 64 : 257 * 64, not_finite: 0 });
      expect(figures.problem).toBeUndefined();
      expect(figures.nmse).toBeLessThan(1e-10);
      expect(figures.cosine).toBeGreaterThan(1 - 1e-9);
    }
    expect(recordsOf(records, 'accuracy.layer').map(({ index, layer }) => `${index} ${layer}`)).toEqual(
      [0, 1].flatMap((index) => [0, 1, 2, 3, 4].map((layer) => `${index} ${layer}`)),
    );
    expect(recordsOf(records, 'accuracy.stability')).toMatchObject(
      [0, 1, 0, 1].map((index, position) => ({
        index,
        batch: position < 2 ? 1 : 2,
        runs: 2,
        identical: true,
        max_nmse: 0,
        max_abs_error: 0,
        not_finite: 0,
      })),
    );
    expect(records.slice(-4)).toMatchObject([
      { record: 'accuracy.total', tensor: 'last_hidden_state', comparisons: 4, not_finite: 0 },
      { record: 'accuracy.total', tensor: 'cls', comparisons: 4 },
      { record: 'accuracy.drift', bound: 0.01 },
      { record: 'run.end', status: 'complete', records: records.length - 1 },
    ]);
    expect(recordsOf(records, 'accuracy.drift')[0]).not.toHaveProperty('first_layer_over');
    expect(steps).toEqual(['1/4', '2/4', '4/4']);
    expect(images).toMatchObject([
      { index: 0, image: 'synthetic:smooth', height: 224, width: 224, rows: 16, columns: 16 },
      { index: 1, image: 'synthetic:texture' },
    ]);
    for (const { rgb, patchErrors } of images) {
      expect(rgb).toHaveLength(224 * 224 * 3);
      expect(patchErrors).toHaveLength(256);
      for (const error of patchErrors) expect(error).toBeLessThan(1e-5);
    }
  });

  it('compares what the reference implementation computes, as the saved tensors show', async () => {
    const save = scratch.path('new/saved');
    const names = ['astronaut.png', 'chelsea.png'];
    await measureAccuracy({ ...twoThreads, images: [astronaut, chelsea], layers: true, save });
    expect((await readdir(save)).sort()).toEqual(['candidate.safetensors', 'reference.safetensors']);
    for (const side of ['reference', 'candidate']) {
      const path = `${save}/${side}.safetensors`;
      const { tensors, metadata } = await openTensorIndex(path);
      expect(metadata).toEqual({
        model,
        synthetic: 'false',
        device: side === 'reference' ? 'cpu[threads:2]' : 'cpu[threads:1]',
        images: JSON.stringify([astronaut, chelsea]),
      });
      expect([...tensors.keys()].sort()).toEqual(
        ['last_hidden_state', ...[0, 1, 2, 3, 4].map((layer) => `hidden_states.${layer}`)].sort(),
      );
      for (const name of tensors.keys()) {
        const { data, dims } = await tensorIn(path, name);
        expect(dims).toEqual([2, 257, 64]);
        for (const [position, image] of names.entries()) {
          // Of chelsea the golden set has the last state alone.
          if (image === 'chelsea.png' && name !== 'last_hidden_state') continue;
          const row = data.subarray(position * 257 * 64, (position + 1) * 257 * 64);
          expect(nmse(row, (await golden(image, name)).data), `${side} ${name} ${image}`).toBeLessThan(1e-9);
        }
      }
    }
  });

  it('compares each image once in every batch size, also where the last batch is not full', async () => {
    const { records } = await measureAccuracy({
      ...twoThreads,
      images: [astronaut, chelsea, rocket],
      batches: [3, 2, 4, 2],
      stability: 2,
    });
    expect(recordsOf(records, 'run.plan')).toMatchObject([{ batches: [1, 2, 3, 4] }]);
    const once = [1, 2, 3, 4].flatMap((batch) => [0, 1, 2].map((index) => `${batch} ${index}`));
    const places = (found: readonly { readonly batch: number; readonly index: number }[]) =>
      found.map(({ batch, index }) => `${batch} ${index}`).sort();
    const compared = recordsOf(records, 'accuracy.image');
    expect(places(compared.filter(({ tensor }) => tensor === 'cls'))).toEqual(once);
    expect(places(recordsOf(records, 'accuracy.stability'))).toEqual(once);
    for (const { nmse: figure } of compared) expect(figure).toBeLessThan(1e-10);
  });

  it('goes on without an image that cannot be used', async () => {
    const absent = scratch.path('absent.png');
    const { records, images } = await measureAccuracy({ ...twoThreads, images: [absent, astronaut] });
    expect(recordsOf(records, 'run.error')).toMatchObject([
      { code: expect.stringMatching(/^IMAGE_/), index: 0, image: absent },
    ]);
    expect(recordsOf(records, 'accuracy.image').map(({ index }) => index)).toEqual([1, 1, 1, 1]);
    expect(images.map(({ index }) => index)).toEqual([1]);
    expect(records.at(-1)).toMatchObject({ record: 'run.end', status: 'complete' });
  });
});

describe('a run that cannot be', () => {
  const bad = (options: Partial<AccuracyOptions>) => {
    const records: string[] = [];
    const run = measureAccuracy({
      ...twoThreads,
      ...options,
      onRecord: ({ record }) => records.push(record),
    });
    return { run, records };
  };

  it.each([
    [{ batches: [0] }, /batches cannot be 0/],
    [{ batches: [1.5] }, /batches cannot be 1.5/],
    [{ stability: -1 }, /stability cannot be -1/],
    [{ stability: 1 }, /stability cannot be 1: .*at least 2, or 0/],
    [{ stability: 2.5 }, /stability cannot be 2.5/],
    [{ maxNmse: 0 }, /maxNmse cannot be 0/],
    [{ maxNmse: Number.NaN }, /maxNmse cannot be NaN/],
    [{ maxLayerNmse: -0.1 }, /maxLayerNmse cannot be -0.1/],
    [{ candidate: { device: cpu(), threads: 2 } }, /both are called cpu\[threads:2\] .*another id/],
  ])('is refused for its options before anything starts: %o', async (options, message) => {
    const { run, records } = bad(options);
    await expect(run).rejects.toMatchObject({
      code: 'EVALUATION_OPTION_INVALID',
      message: expect.stringMatching(message),
    });
    expect(records).toEqual([]);
  });

  it('is refused without images', async () => {
    await expect(bad({ images: [] }).run).rejects.toMatchObject({ code: 'EVALUATION_OPTION_INVALID' });
  });

  it('has a plan and an end when a device cannot be had', async () => {
    const { run, records } = bad({ candidate: { device: 'cpu:fp8' } });
    await expect(run).rejects.toMatchObject({ code: 'BACKEND_PRECISION_UNSUPPORTED' });
    expect(records).toEqual(['run.plan', 'run.environment', 'run.device', 'run.error', 'run.end']);
  });

  it('fails when not one image can be compared', async () => {
    const ends: unknown[] = [];
    const run = measureAccuracy({
      ...twoThreads,
      images: [scratch.path('absent.png')],
      onRecord: (record) => ends.push(record),
    });
    await expect(run).rejects.toMatchObject({
      code: 'EVALUATION_NOTHING_COMPARED',
      cause: { code: expect.stringMatching(/^IMAGE_/) },
    });
    expect(ends.at(-1)).toMatchObject({ record: 'run.end', status: 'failed' });
  });
});
