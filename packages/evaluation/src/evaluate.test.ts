import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import type { Backend } from '@webssl/backend';
import { cpu } from '@webssl/backend-cpu';
import { judge, parseLog, type Rule, recordsOf } from '@webssl/checker';
import { openCheckpoint } from '@webssl/registry';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { beforeAll, describe, expect, it } from 'vitest';
import { type EvaluateOptions, type Evaluation, evaluate } from './evaluate.js';
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
} from './testing/broken-candidates.js';
import { scratchFolder } from './testing/scratch-folder.js';

const scratch = scratchFolder();
const model = goldenCheckpoint('vit-tiny-p14');
let folders = 0;

function evaluateCandidate(
  candidate: Backend,
  options: Partial<EvaluateOptions> = {},
): Promise<Evaluation & { readonly out: string }> {
  const out = scratch.path(`results-${folders++}`);
  return evaluate({
    model,
    reference: { device: 'cpu' },
    candidate: { device: candidate },
    batches: [1, 2],
    minSeconds: 0.01,
    minIterations: 2,
    out,
    ...options,
  }).then((evaluation) => ({ ...evaluation, out }));
}

const failing = ({ verdict }: Evaluation): string =>
  verdict.rules
    .filter(({ status }) => status !== 'PASS')
    .map(({ name, status, measured, note }: Rule) => [status, name, measured, note].join(' '))
    .join('\n');

describe('a candidate that is right', () => {
  it('passes, and its log alone gives the same verdict', async () => {
    const evaluation = await evaluateCandidate(
      { ...cpu({ threads: 1, mode: 'throughput' }), id: 'cpu-other' },
      { layers: true, stability: 2, endToEnd: true },
    );
    expect(failing(evaluation)).toBe('');
    expect(evaluation.verdict.result).toBe('PASS');
    const log = parseLog(await readFile(`${evaluation.out}/log.txt`, 'utf8'));
    expect(log).toEqual(evaluation.records);
    expect(judge(log)).toEqual(evaluation.verdict);
  });

  it('passes against itself: there the speed of one device is measured', async () => {
    const evaluation = await evaluate({
      model,
      reference: { device: 'cpu' },
      candidate: { device: 'cpu' },
      minSeconds: 0.01,
      minIterations: 1,
      out: scratch.path('itself'),
    });
    expect(failing(evaluation)).toBe('');
    expect(recordsOf(evaluation.records, 'performance.device')).toHaveLength(1);
  });
});

describe('a candidate that is wrong on purpose fails, and the verdict says how', () => {
  let checkpoint: Awaited<ReturnType<typeof openCheckpoint>>;
  beforeAll(async () => {
    checkpoint = await openCheckpoint(model);
  });

  it.each<[string, (right: Backend) => Backend, Partial<EvaluateOptions>, RegExp]>([
    ['noise', (right) => noisy(right, 0.5), {}, /FAIL NMSE of last_hidden_state/],
    ['NaN', notFinite, {}, /not.finite/],
    ['rows of a batch swapped', swapped, {}, /FAIL NMSE of last_hidden_state.*batches of 2/],
    ['a token too few', misshapen, {}, /shape/],
    [
      'other figures in every run',
      (right) => unstable(right, 0.5),
      { stability: 3 },
      /FAIL NMSE between runs/,
    ],
    ['drift from run to run', (right) => drifting(right, 0.05), { stability: 5 }, /FAIL NMSE between runs/],
    ['a batch that it refuses', (right) => refusing(right, 1), {}, /A batch of 2 does not fit/],
  ])('%s', async (_, breakIt, options, reason) => {
    const evaluation = await evaluateCandidate(breakIt(cpu()), options);
    expect(evaluation.verdict.result).toBe('FAIL');
    expect(failing(evaluation)).toMatch(reason);
  });

  it.each([0, 2, 3])('a layer left out, which is named: %i', async (layer) => {
    const evaluation = await evaluateCandidate(lackingLayer(cpu(), checkpoint, layer), { layers: true });
    expect(evaluation.verdict.result).toBe('FAIL');
    expect(recordsOf(evaluation.records, 'accuracy.drift')).toMatchObject([{ first_layer_over: layer + 1 }]);
    expect(failing(evaluation)).toContain(`first out of bound: hidden_states.${layer + 1};`);
  });
});

describe('an evaluation that cannot go on', () => {
  it('ends with the error, and leaves a log and a report that say FAIL', async () => {
    const out = scratch.path('dying');
    const options = { model, minSeconds: 0.01, out, reference: { device: 'cpu' } };
    await expect(evaluate({ ...options, candidate: { device: dying(cpu(), 2) } })).rejects.toMatchObject({
      code: 'BACKEND_LOST',
    });
    const log = parseLog(await readFile(`${out}/log.txt`, 'utf8'));
    expect(log.at(-1)).toMatchObject({ record: 'run.end', status: 'failed' });
    expect(judge(log).result).toBe('FAIL');
    expect(await readFile(`${out}/report.md`, 'utf8')).toMatch(/FAIL/);
  });

  it('leaves no report of an earlier one beside its log', async () => {
    const out = scratch.path('twice');
    const options = { model, minSeconds: 0.01, minIterations: 1, out, reference: { device: 'cpu' } };
    const first = await evaluate({ ...options, candidate: { device: 'cpu', threads: 1 } });
    expect(first.verdict.result).toBe('PASS');
    const abort = new AbortController();
    await expect(
      evaluate({
        ...options,
        candidate: { device: 'cpu', threads: 1 },
        signal: abort.signal,
        onRecord: ({ record }) => record === 'performance.batch' && abort.abort(),
      }),
    ).rejects.toThrow();
    const log = parseLog(await readFile(`${out}/log.txt`, 'utf8'));
    expect(log.at(-1)).toMatchObject({ record: 'run.end', status: 'interrupted' });
    expect(JSON.parse(await readFile(`${out}/results.json`, 'utf8'))).toMatchObject({
      verdict: { result: 'FAIL' },
    });
  });
});

describe('the folder of an evaluation', () => {
  const options = { reference: { device: 'cpu' }, candidate: { device: 'cpu', threads: 1 } };

  it.each<[string, Partial<EvaluateOptions>]>([
    ['a model that is none', { model: './no-such-model' }],
    ['a device that is none', { candidate: { device: 'gpu' } }],
    ['images that are none', { images: ['no-such.jpg'] }],
  ])('is left as it was when nothing was measured: %s', async (name, wrong) => {
    const out = scratch.path(`kept for ${name}`);
    const files = { 'log.txt': 'run.plan of an earlier evaluation\n', 'report.md': 'earlier' };
    await mkdir(out);
    for (const [file, text] of Object.entries(files)) await writeFile(`${out}/${file}`, text);
    await expect(evaluate({ ...options, model, ...wrong, out })).rejects.toThrow();
    for (const [file, text] of Object.entries(files))
      expect(await readFile(`${out}/${file}`, 'utf8')).toBe(text);
    expect(await readdir(out)).toHaveLength(2);

    const fresh = scratch.path(`new for ${name}`);
    await expect(evaluate({ ...options, model, ...wrong, out: fresh })).rejects.toThrow();
    await expect(readdir(fresh)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is not one whose log.txt is something else', async () => {
    const out = scratch.path('foreign');
    await mkdir(out);
    await writeFile(`${out}/log.txt`, 'my notes\n');
    await expect(evaluate({ ...options, model, out })).rejects.toMatchObject({
      code: 'EVALUATION_OUTPUT_UNWRITABLE',
      message: expect.stringContaining('log.txt is no log of an evaluation'),
    });
    expect(await readFile(`${out}/log.txt`, 'utf8')).toBe('my notes\n');
  });

  it('is not touched for thresholds that cannot be used', async () => {
    const out = scratch.path('untouched');
    await mkdir(out);
    await expect(evaluate({ ...options, model, out, thresholds: { maxNmse: -1 } })).rejects.toMatchObject({
      code: 'CHECK_THRESHOLDS_INVALID',
    });
    expect(await readdir(out)).toEqual([]);
  });
});

it('tells its NMSE bound in the plan, so that the log alone gives the same verdict', async () => {
  const evaluation = await evaluateCandidate(noisy(cpu(), 0.02), {
    thresholds: { maxNmse: 1e-6, maxLayerNmse: 1e-3 },
    layers: true,
  });
  expect(evaluation.verdict.result).toBe('FAIL');
  expect(judge(parseLog(await readFile(`${evaluation.out}/log.txt`, 'utf8'))).result).toBe('FAIL');
  expect(recordsOf(evaluation.records, 'run.plan')).toMatchObject([
    { kind: 'accuracy', max_nmse: 1e-6, max_layer_nmse: 1e-3 },
    { kind: 'performance' },
  ]);
});
