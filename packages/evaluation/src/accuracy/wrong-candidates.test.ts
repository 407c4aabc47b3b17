import { readdir } from 'node:fs/promises';
import type { Backend } from '@webssl/backend';
import { cpu } from '@webssl/backend-cpu';
import { type EvaluationRecord, judge, recordsOf } from '@webssl/checker';
import { openCheckpoint } from '@webssl/registry';
import { openTensorIndex, readTensor } from '@webssl/tensor-files';
import { goldenCheckpoint, goldenImage, goldenOutputs } from '@webssl-tooling/fixtures';
import { beforeAll, describe, expect, it } from 'vitest';
import { WatchedBackend } from '../performance/testing/watched-backend.js';
import {
  drifting,
  dying,
  lackingLayer,
  misshapen,
  noisy,
  notFinite,
  refusing,
  swapped,
  unstable,
} from '../testing/broken-candidates.js';
import { scratchFolder } from '../testing/scratch-folder.js';
import type { AccuracyOptions } from './accuracy-options.js';
import { measureAccuracy } from './measure-accuracy.js';

const scratch = scratchFolder();
const model = goldenCheckpoint('vit-tiny-p14');
const names = ['astronaut.png', 'chelsea.png'];
const images = names.map(goldenImage);
const tokens = 257;
const width = 64;

/** `last_hidden_state` of each image, as the reference implementation computed it. */
let features: Float32Array[];
beforeAll(async () => {
  features = await Promise.all(
    names.map(async (name) => {
      const example = goldenOutputs().find(
        ({ checkpoint, image, size }) => checkpoint === 'vit-tiny-p14' && image === name && size === null,
      );
      const entry = (await openTensorIndex(example?.path ?? '')).tensors.get('last_hidden_state');
      if (entry === undefined) throw new Error(`there are no golden features of ${name}`);
      return (await readTensor(entry)).data;
    }),
  );
});

const sumOfSquares = (values: Float32Array) => values.reduce((sum, value) => sum + value ** 2, 0);
const featuresOf = (index: number) => features[index] ?? new Float32Array();

/** The reference is the same backend, unbroken and configured alike. */
function measure(candidate: Backend, options: Partial<AccuracyOptions> = {}) {
  return measureAccuracy({
    model,
    images,
    reference: { device: 'cpu' },
    candidate: { device: candidate },
    ...options,
  });
}

/** What a run that fails left behind. */
async function failing(options: AccuracyOptions) {
  const records: EvaluationRecord[] = [];
  const error: unknown = await measureAccuracy({
    ...options,
    onRecord: (record) => {
      records.push(record);
      options.onRecord?.(record);
    },
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { records, error };
}

function expectNoProcesses({ sessions }: WatchedBackend, count: number): void {
  expect(sessions).toHaveLength(count);
  for (const { session } of sessions) {
    expect(() => process.kill(Number(session.device.details['processId']), 0)).toThrow('ESRCH');
  }
}

describe('the records of a candidate that is wrong on purpose', () => {
  it('measure noise: its power over that of the features', async () => {
    const { records } = await measure(noisy(cpu(), 0.5));
    const compared = recordsOf(records, 'accuracy.image');
    expect(compared).toHaveLength(8);
    for (const { index, tensor, nmse, relative_l2, max_abs_error, problem } of compared) {
      expect(problem).toBeUndefined();
      expect(relative_l2).toBeCloseTo(Math.sqrt(nmse), 12);
      expect(max_abs_error).toBeLessThan(0.5 + 1e-5);
      if (tensor === 'cls') continue;
      expect(max_abs_error).toBeGreaterThan(0.49);
      // Spread evenly from -0.5 to 0.5: a variance of 1 / 12.
      const expected = (tokens * width) / 12 / sumOfSquares(featuresOf(index));
      expect(nmse / expected).toBeCloseTo(1, 1);
    }
  });

  it('count NaN, give no figures for it, and neither does the total', async () => {
    const { records, images: differences } = await measure(notFinite(cpu()), { stability: 2 });
    const compared = recordsOf(records, 'accuracy.image');
    expect(compared).toHaveLength(8);
    for (const figures of compared) {
      expect(figures).toMatchObject({ problem: 'not-finite', not_finite: 1, nmse: Number.NaN });
    }
    const totals = { comparisons: 4, not_finite: 4, mean_nmse: Number.NaN, max_nmse: Number.NaN };
    expect(recordsOf(records, 'accuracy.total')).toMatchObject([totals, { ...totals, tensor: 'cls' }]);
    for (const stability of recordsOf(records, 'accuracy.stability')) {
      expect(stability).toMatchObject({ runs: 2, not_finite: 2, max_nmse: Number.NaN });
    }
    // The NaN is in the CLS token: every patch can be compared.
    for (const { patchErrors } of differences) expect(Math.max(...patchErrors)).toBe(0);
  });

  it('show swapped rows where a batch has two of them, by as much as the images differ', async () => {
    const { records } = await measure(swapped(cpu()));
    const whole = recordsOf(records, 'accuracy.image').filter(({ tensor }) => tensor === 'last_hidden_state');
    const difference = sumOfSquares(featuresOf(0).map((value, place) => value - (featuresOf(1)[place] ?? 0)));
    const expected = (index: number) => difference / sumOfSquares(featuresOf(index));
    expect(whole.map(({ batch, index }) => [batch, index])).toEqual([
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
    ]);
    expect(whole.slice(0, 2).map(({ nmse }) => nmse)).toEqual([0, 0]);
    for (const { index, nmse } of whole.slice(2)) expect(nmse).toBeCloseTo(expected(index), 4);
  });

  it('show swapped rows also of a single image, which shares its batch with a filler', async () => {
    const { records } = await measure(swapped(cpu()), { images: images.slice(0, 1) });
    const [alone, paired] = recordsOf(records, 'accuracy.image').filter(({ tensor }) => tensor !== 'cls');
    expect([alone?.batch, paired?.batch]).toEqual([1, 2]);
    expect(alone?.nmse).toBe(0);
    expect(paired?.nmse).toBeGreaterThan(0.01);
  });

  it('say that shapes differ, and save no tensors that do not belong together', async () => {
    const save = scratch.path('misshapen');
    // Of a run in which they do belong together.
    await measure({ ...cpu({ threads: 1 }), id: 'cpu-other' }, { save, batches: [1] });
    expect(await readdir(save)).toHaveLength(2);
    const { records, images: differences } = await measure(misshapen(cpu()), { save });
    const whole = recordsOf(records, 'accuracy.image').filter(({ tensor }) => tensor !== 'cls');
    expect(whole).toHaveLength(4);
    for (const figures of whole) expect(figures).toMatchObject({ problem: 'shape-mismatch', values: 0 });
    expect(differences.flatMap(({ patchErrors }) => [...patchErrors]).every(Number.isNaN)).toBe(true);
    expect(await readdir(save)).toEqual([]);
  });

  it('show other figures in every run', async () => {
    const { records } = await measure(unstable(cpu(), 0.5), { stability: 3 });
    const found = recordsOf(records, 'accuracy.stability');
    expect(found.map(({ batch, index }) => [batch, index])).toEqual([
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
    ]);
    for (const { index, runs, identical, max_nmse, max_abs_error } of found) {
      expect([runs, identical]).toEqual([3, false]);
      expect(max_abs_error).toBeGreaterThan(0.5);
      expect(max_abs_error).toBeLessThan(1 + 1e-5);
      expect(max_nmse).toBeGreaterThan(0.01 / sumOfSquares(featuresOf(index)));
    }
  });

  it('show a drift from run to run that a single run does not', async () => {
    const { records } = await measure(drifting(cpu(), 0.05), {
      images: images.slice(0, 1),
      batches: [1],
      stability: 5,
    });
    for (const { nmse } of recordsOf(records, 'accuracy.image')) expect(nmse).toBe(0);
    // The fifth run is 1.2 times the first.
    const largest = featuresOf(0).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(recordsOf(records, 'accuracy.stability')).toMatchObject([
      {
        runs: 5,
        identical: false,
        max_nmse: expect.closeTo(0.2 ** 2, 6),
        max_abs_error: expect.closeTo(0.2 * largest, 4),
      },
    ]);
  });

  it('name the batch that a device refuses, and have all others', async () => {
    const { records } = await measure(refusing(cpu(), 1), { batches: [1, 2, 3], stability: 2 });
    expect(recordsOf(records, 'run.error')).toMatchObject(
      [2, 3].map((batch) => ({ code: 'BACKEND_RUN_FAILED', device: 'cpu-refusing', batch })),
    );
    for (const name of ['accuracy.image', 'accuracy.stability'] as const) {
      expect(new Set(recordsOf(records, name).map(({ index, batch }) => `${index} ${batch}`)), name).toEqual(
        new Set(['0 1', '1 1']),
      );
    }
    expect(records.at(-1)).toMatchObject({ record: 'run.end', status: 'complete' });
  });

  it('are right up to the layer that is left out', async () => {
    const candidate = lackingLayer(cpu(), await openCheckpoint(model), 1);
    const { records } = await measure(candidate, { layers: true, batches: [1] });
    const layers = recordsOf(records, 'accuracy.layer');
    expect(layers).toHaveLength(10);
    for (const { layer, nmse } of layers) {
      if (layer <= 1) expect(nmse).toBe(0);
      else expect(nmse).toBeGreaterThan(0.01);
    }
    const worst = layers.reduce((one, other) => (other.nmse > one.nmse ? other : one));
    expect(recordsOf(records, 'accuracy.drift')).toMatchObject([
      { bound: 0.01, first_layer_over: 2, worst_layer: worst.layer, worst_nmse: worst.nmse },
    ]);
  });
});

describe('a run that ends early', () => {
  it('has failed when the process of a device dies, and leaves neither processes nor files', async () => {
    const save = scratch.path('dying');
    const backend = new WatchedBackend('watched');
    const { records, error } = await failing({
      model,
      images,
      save,
      reference: { device: backend },
      candidate: { device: dying(backend, 1) },
    });
    expect(error).toMatchObject({ code: 'BACKEND_LOST' });
    expect(recordsOf(records, 'accuracy.image').map(({ index }) => index)).toEqual([0, 0]);
    expect(recordsOf(records, 'run.error')).toMatchObject([{ code: 'BACKEND_LOST' }]);
    expect(records.at(-1)).toMatchObject({
      record: 'run.end',
      status: 'failed',
      records: records.length - 1,
    });
    expectNoProcesses(backend, 2);
    expect(await readdir(save)).toEqual([]);
  });

  it('was interrupted when the signal says so, and leaves neither processes nor files', async () => {
    const save = scratch.path('interrupted');
    const backend = new WatchedBackend('watched');
    const abort = new AbortController();
    const { records, error } = await failing({
      model,
      images,
      save,
      reference: { device: backend },
      candidate: { device: backend, threads: 1 },
      signal: abort.signal,
      // The first image is then saved, the second one never.
      onRecord: ({ record }) => record === 'accuracy.image' && abort.abort(new Error('enough')),
    });
    expect(error).toMatchObject({ message: 'enough' });
    expect(recordsOf(records, 'run.error')).toEqual([]);
    expect(records.at(-1)).toMatchObject({
      record: 'run.end',
      status: 'interrupted',
      records: records.length - 1,
    });
    expect(judge(records, {}, { expect: ['accuracy'] }).result).toBe('FAIL');
    expectNoProcesses(backend, 2);
    expect(await readdir(save)).toEqual([]);
  });

  it('has failed before a device is opened when the folder for its tensors cannot be made', async () => {
    const backend = new WatchedBackend('watched');
    const { records, error } = await failing({
      model,
      images,
      save: `${images[0]}/inside-a-file`,
      reference: { device: backend },
      candidate: { device: backend, threads: 1 },
    });
    expect(error).toMatchObject({
      code: 'EVALUATION_OUTPUT_UNWRITABLE',
      message: expect.stringContaining('inside-a-file'),
    });
    expect(records.map(({ record }) => record)).toEqual([
      'run.plan',
      'run.environment',
      'run.error',
      'run.end',
    ]);
    expect(backend.sessions).toEqual([]);
  });
});

it('tells devices apart by what lasts, not by the process that they ran in', async () => {
  const { records } = await measure({ ...cpu({ threads: 1 }), id: 'cpu-other' }, { batches: [1] });
  const devices = recordsOf(records, 'run.device').map(({ details }) => JSON.parse(details) as object);
  expect(devices).toHaveLength(2);
  for (const details of devices) {
    expect(details).toHaveProperty('threads');
    expect(details).not.toHaveProperty('processId');
  }
});
