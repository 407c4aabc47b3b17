import { readdir } from 'node:fs/promises';
import type { Backend, OutputName } from '@webssl/backend';
import { cpu } from '@webssl/backend-cpu';
import { type EvaluationRecord, judge, recordsOf } from '@webssl/checker';
import { openCheckpoint } from '@webssl/registry';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { WatchedBackend } from '../performance/testing/watched-backend.js';
import { classTokenOnly, lackingLayer, unclosable } from '../testing/broken-candidates.js';
import { scratchFolder } from '../testing/scratch-folder.js';
import type { AccuracyOptions } from './accuracy-options.js';
import { measureAccuracy } from './measure-accuracy.js';

const scratch = scratchFolder();
const model = goldenCheckpoint('vit-tiny-p14');
const images = ['astronaut.png', 'chelsea.png'].map(goldenImage);
const other = (): Backend => ({ ...cpu({ threads: 1 }), id: 'cpu-other' });

/** What was recorded, and what the run rejected with. */
async function measure(options: Partial<AccuracyOptions>) {
  const records: EvaluationRecord[] = [];
  const error: unknown = await measureAccuracy({
    model,
    images,
    batches: [1],
    reference: { device: 'cpu' },
    candidate: { device: other() },
    ...options,
    onRecord: (record) => records.push(record),
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { records, error };
}

describe('an answer of the reference that is no last_hidden_state', () => {
  it('is an error of its image, also where the candidate answers alike', async () => {
    const { records, error } = await measure({
      reference: { device: classTokenOnly(cpu()) },
      candidate: { device: classTokenOnly(other()) },
    });
    expect(error).toMatchObject({
      code: 'EVALUATION_NOTHING_COMPARED',
      cause: { code: 'EVALUATION_RESULT_INVALID' },
    });
    expect(recordsOf(records, 'accuracy.image')).toEqual([]);
    expect(recordsOf(records, 'run.error').slice(0, 2)).toMatchObject(
      [0, 1].map((index) => ({
        code: 'EVALUATION_RESULT_INVALID',
        message: expect.stringContaining(
          'last_hidden_state [1, 257, 64] but with 64 values of dims [1,1,64]',
        ),
        index,
        image: images[index],
        device: 'cpu-class-token-only',
      })),
    );
  });

  it('is an error also where a hidden state is wrong', async () => {
    const backend = new WatchedBackend('watched', {
      afterRun: ({ tensors }) => {
        const data = new Float32Array(64);
        return { tensors: { ...tensors, 'hidden_states.2': { data, dims: [1, 1, 64] } } };
      },
    });
    const { records } = await measure({ reference: { device: backend }, layers: true });
    expect(recordsOf(records, 'run.error')[0]).toMatchObject({
      code: 'EVALUATION_RESULT_INVALID',
      message: expect.stringContaining('hidden_states.2 [1, 257, 64]'),
      index: 0,
    });
  });
});

describe('the sessions of a run with layers', () => {
  /** The outputs of each session that a backend is asked to open. */
  function listening(backend: Backend): { backend: Backend; opened: (readonly OutputName[])[] } {
    const opened: (readonly OutputName[])[] = [];
    const open: Backend['open'] = (source, options) => {
      opened.push(options.outputs);
      return backend.open(source, options);
    };
    return { backend: { ...backend, id: `${backend.id}-listening`, open }, opened };
  }
  const hidden = [0, 1, 2, 3, 4].map((layer) => `hidden_states.${layer}`);

  it('keep the one that is judged as it is used, and are one device in the records', async () => {
    const { backend, opened } = listening(cpu());
    const { records } = await measure({ candidate: { device: backend }, layers: true, batches: [1, 2] });
    expect(opened).toEqual([['last_hidden_state'], hidden]);
    expect(recordsOf(records, 'run.device').map(({ role }) => role)).toEqual(['reference', 'candidate']);
    expect(recordsOf(records, 'accuracy.layer')).toHaveLength(10);
    expect(recordsOf(records, 'accuracy.image')).toHaveLength(8);
  });

  it('are one without layers', async () => {
    const { backend, opened } = listening(cpu());
    await measure({ candidate: { device: backend } });
    expect(opened).toEqual([['last_hidden_state']]);
  });

  it('goes on without the layers of an image that could not be had, and does not save it', async () => {
    const save = scratch.path('without-layers');
    const backend = new WatchedBackend('watched', {
      afterRun: (result) => {
        if ('hidden_states.0' in result.tensors) throw new Error('too many outputs');
        return result;
      },
    });
    const { records, error } = await measure({ candidate: { device: backend }, layers: true, save });
    expect(error).toBeUndefined();
    expect(recordsOf(records, 'run.error')).toMatchObject(
      [0, 1].map((index) => ({ message: 'too many outputs', index, device: 'watched' })),
    );
    expect(recordsOf(records, 'accuracy.image')).toHaveLength(4);
    expect(recordsOf(records, 'accuracy.layer')).toEqual([]);
    expect(await readdir(save)).toEqual([]);
  });
});

it('holds the layers against a bound of their own', async () => {
  const candidate = { device: lackingLayer(cpu(), await openCheckpoint(model), 1) };
  const loose = await measure({ candidate, layers: true, maxLayerNmse: 1e6 });
  expect(recordsOf(loose.records, 'run.plan')).toMatchObject([{ max_nmse: 0.01, max_layer_nmse: 1e6 }]);
  const [drift] = recordsOf(loose.records, 'accuracy.drift');
  expect(drift).toMatchObject({ bound: 1e6 });
  expect(drift).not.toHaveProperty('first_layer_over');
  const { records } = await measure({ candidate, layers: true });
  expect(recordsOf(records, 'run.plan')[0]).not.toHaveProperty('max_layer_nmse');
  expect(recordsOf(records, 'accuracy.drift')).toMatchObject([{ bound: 0.01, first_layer_over: 2 }]);
});

describe('a session that cannot be closed', () => {
  it('is a record, and takes no figures with it', async () => {
    const { records, error } = await measure({ candidate: { device: unclosable(other()) } });
    expect(error).toBeUndefined();
    expect(recordsOf(records, 'run.error')).toMatchObject([
      { code: 'BACKEND_LOST', device: 'cpu-other-unclosable' },
    ]);
    expect(recordsOf(records, 'accuracy.total')).toHaveLength(2);
    expect(judge(records, {}, { expect: ['accuracy'] }).result).toBe('FAIL');
  });

  it('does not hide why the run failed', async () => {
    const { error } = await measure({
      reference: { device: unclosable(other()) },
      images: [scratch.path('absent.png')],
    });
    expect(error).toMatchObject({ code: 'EVALUATION_NOTHING_COMPARED' });
  });
});
