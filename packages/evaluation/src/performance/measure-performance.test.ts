import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { cpu } from '@webssl/backend-cpu';
import { type EvaluationRecord, type RecordName, type RecordOf, recordSchemas } from '@webssl/checker';
import { median, percentile } from '@webssl/metrics';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { measurePerformance } from './measure-performance.js';
import type { PerformanceOptions } from './performance-options.js';
import { WatchedBackend, type WatchedRun } from './testing/watched-backend.js';

const common = {
  model: goldenCheckpoint('vit-tiny-p14'),
  images: [goldenImage('astronaut.png'), goldenImage('chelsea.png')],
  batches: [1],
  warmup: 1,
  minSeconds: 0,
  minIterations: 3,
};

/** The records of a run and the error that ended it. */
async function measure(options: Partial<PerformanceOptions> & Pick<PerformanceOptions, 'devices'>) {
  const records: EvaluationRecord[] = [];
  const onRecord = (record: EvaluationRecord) => records.push(record);
  const error = await measurePerformance({ ...common, ...options, onRecord }).then(
    (result) => {
      expect(result.records).toEqual(records);
    },
    (reason: unknown) => reason,
  );
  return { records, error };
}

function all<Name extends RecordName>(records: readonly EvaluationRecord[], name: Name): RecordOf<Name>[] {
  return records.filter((record): record is RecordOf<Name> => record.record === name);
}

function one<Name extends RecordName>(records: readonly EvaluationRecord[], name: Name): RecordOf<Name> {
  const [record, ...others] = all(records, name);
  if (record === undefined || others.length > 0) throw new Error(`${others.length} more of ${name}`);
  return record;
}

/** What a measurement of some runs can have taken: from the first to the last, and all the time between their neighbours. */
function span(runs: readonly WatchedRun[], before: WatchedRun | undefined, after: number | undefined) {
  const [first, last] = [runs[0], runs.at(-1)];
  return {
    least: (last?.end ?? Number.NaN) - (first?.start ?? Number.NaN),
    most: (after ?? Number.NaN) - (before?.end ?? Number.NaN),
  };
}

const durations = (runs: readonly WatchedRun[]) => runs.map(({ start, end }) => end - start);

describe('measurePerformance', () => {
  it('gives a record of everything that was planned, in order', async () => {
    const steps: [number, number][] = [];
    const { records, error } = await measure({
      devices: [{ device: 'cpu' }, { device: 'cpu', threads: 1, mode: 'throughput' }],
      batches: [2, 1],
      minSeconds: 0.05,
      onStep: (done, total) => steps.push([done, total]),
    });
    expect(error).toBeUndefined();
    for (const { record, ...fields } of records) recordSchemas[record].parse(fields);
    expect(new Set(records.map(({ run }) => run)).size).toBe(1);
    expect(records.map(({ record }) => record)).toEqual([
      'run.plan',
      'run.environment',
      'performance.preprocessing',
      ...[0, 1].flatMap(() => ['run.device', 'performance.batch', 'performance.batch', 'performance.device']),
      'run.end',
    ]);
    expect(one(records, 'run.plan')).toMatchObject({
      kind: 'performance',
      devices: ['cpu', 'cpu[threads:1;mode:throughput]'],
      images: 2,
      batches: [2, 1],
      min_seconds: 0.05,
      end_to_end: false,
      synthetic: false,
    });
    expect(all(records, 'run.device').map(({ device, role }) => [device, role])).toEqual([
      ['cpu', 'reference'],
      ['cpu[threads:1;mode:throughput]', 'candidate'],
    ]);
    for (const batch of all(records, 'performance.batch')) {
      expect(batch.n).toBeGreaterThanOrEqual(3);
      expect(batch.seconds).toBeGreaterThanOrEqual(0.05);
      expect(batch.min_ms).toBeLessThanOrEqual(batch.median_ms);
      expect(batch.compute_ms).toBeGreaterThan(0);
      expect(batch.compute_ms).toBeLessThan(batch.mean_ms);
      expect(batch).not.toHaveProperty('host_to_device_ms', expect.any(Number));
    }
    for (const device of all(records, 'performance.device')) {
      expect(device.load_ms).toBeGreaterThan(0);
      expect(device.first_inference_ms).toBeGreaterThan(0);
      if (process.platform === 'linux') expect(device.peak_memory_bytes).toBeGreaterThan(10_000_000);
    }
    expect(one(records, 'performance.preprocessing').n).toBeGreaterThanOrEqual(3);
    expect(one(records, 'run.end')).toMatchObject({ status: 'complete', records: records.length - 1 });
    expect(steps).toEqual([1, 2, 3, 4, 5].map((done) => [done, 5]));
  });

  it('measures the time between the call of the device and its answer, warm-up left out', async () => {
    const backend = new WatchedBackend('watched', { milliseconds: 5 });
    const { records } = await measure({
      devices: [{ device: backend }],
      warmup: 2,
      minSeconds: 0.1,
      minIterations: 12,
    });
    const record = one(records, 'performance.batch');
    const lastWarmup = backend.runs[2];
    const measured = backend.runs.slice(3);
    expect(record.n).toBe(measured.length);
    expect(record.n).toBeGreaterThanOrEqual(12);
    expect(record.seconds).toBeGreaterThanOrEqual(0.1);

    // A sample holds the time within the device, and lies within the pause between its neighbours.
    const after = [...measured.slice(1).map(({ start }) => start), backend.sessions[0]?.closeCalled ?? 0];
    const before = [lastWarmup, ...measured].map((run) => run?.end ?? 0);
    const least = durations(measured);
    const most = after.map((end, position) => end - (before[position] ?? 0));
    const bounds: [number | undefined, (samples: readonly number[]) => number][] = [
      [record.min_ms, (samples) => Math.min(...samples)],
      [record.mean_ms, (samples) => samples.reduce((sum, sample) => sum + sample) / samples.length],
      [record.median_ms, median],
      [record.p90_ms, (samples) => percentile(samples, 0.9)],
      [record.first_half_ms, (samples) => median(samples.slice(0, Math.floor(samples.length / 2)))],
      [record.second_half_ms, (samples) => median(samples.slice(Math.ceil(samples.length / 2)))],
    ];
    for (const [figure, of] of bounds) {
      expect(figure).toBeGreaterThanOrEqual(of(least));
      expect(figure).toBeLessThanOrEqual(of(most));
    }
    const whole = span(measured, lastWarmup, after.at(-1));
    expect(record.seconds * 1000).toBeGreaterThanOrEqual(whole.least);
    expect(record.seconds * 1000).toBeLessThanOrEqual(whole.most);
    expect(record.images_per_second).toBeCloseTo(record.n / record.seconds, 9);
    const computes = measured.map(({ result }) => result?.timing?.compute ?? Number.NaN);
    expect(record.compute_ms).toBeCloseTo(computes.reduce((sum, time) => sum + time) / computes.length, 9);
  });

  it('tells a phase only when every run told it', async () => {
    const backend = new WatchedBackend('watched', {
      afterRun: (result, runs) => ({
        ...result,
        timing: runs.length % 2 === 0 ? { hostToDevice: 2, compute: 5 } : { hostToDevice: 4 },
      }),
    });
    const { records } = await measure({ devices: [{ device: backend }], minIterations: 4 });
    expect(one(records, 'performance.batch')).toMatchObject({
      n: 4,
      host_to_device_ms: 3,
      compute_ms: undefined,
      device_to_host_ms: undefined,
    });
  });

  it('keeps as many runs in flight as asked, and samples none that met an empty queue', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const backend = new WatchedBackend('watched');
    const { records } = await measure({
      devices: [{ device: backend }],
      batches: [2],
      warmup: 13,
      minIterations: 20,
      concurrency: 12,
      signal: new AbortController().signal,
    });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    const measured = backend.runs.slice(1 + 13);
    const filling = Array.from({ length: 11 }, (_, position) => position + 1);
    expect(measured.map(({ inFlight }) => inFlight)).toEqual([
      ...filling,
      ...measured.slice(11).map(() => 12),
    ]);
    const record = one(records, 'performance.batch');
    expect(record).toMatchObject({ concurrency: 12, n: measured.length - 11 });
    expect(record.n).toBe(20);
    expect(record.images_per_second).toBeCloseTo((2 * measured.length) / record.seconds, 9);
    expect(record.min_ms).toBeGreaterThanOrEqual(Math.min(...durations(measured.slice(11))));
    expect(warnings).toEqual([]);
  });

  it.each([
    [0, 0],
    [1, 3],
    [5, 5],
  ])('with %i warm-up runs wanted and 3 in flight makes %i', async (warmup, made) => {
    const backend = new WatchedBackend('watched');
    const { records } = await measure({
      devices: [{ device: backend }],
      warmup,
      minIterations: 4,
      concurrency: 3,
    });
    expect(one(records, 'performance.batch').n).toBe(4);
    expect(backend.runs).toHaveLength(1 + made + 4 + 2);
    const inFlight = backend.runs.slice(1, 1 + made).map((run) => run.inFlight);
    expect(Math.max(0, ...inFlight)).toBe(Math.min(3, made));
  });

  it('tells no peak memory of a device that has no process of its own', async () => {
    const { records, error } = await measure({ devices: [{ device: cpu({ isolation: 'thread' }) }] });
    expect(error).toBeUndefined();
    expect(one(records, 'performance.device').peak_memory_bytes).toBeUndefined();
  });

  it('relates every throughput to the reference in batches of 1', async () => {
    const quick = new WatchedBackend('quick');
    const slow = new WatchedBackend('slow', { milliseconds: 200 });
    const { records } = await measure({
      devices: [{ device: slow }, { device: quick }],
      batches: [2, 1],
      warmup: 0,
      minIterations: 2,
    });
    const batches = all(records, 'performance.batch');
    expect(batches.map(({ device, batch }) => [device, batch])).toEqual([
      ['slow', 1],
      ['slow', 2],
      ['quick', 1],
      ['quick', 2],
    ]);
    const [reference] = batches;
    for (const { images_per_second, speedup } of batches) {
      expect(speedup).toBeCloseTo(images_per_second / (reference?.images_per_second ?? 0), 9);
    }
    expect(reference?.speedup).toBe(1);
    // By the watch of the devices: a first inference, two runs in batches of 1, two in batches of 2.
    const [slowly, quickly] = [slow, quick].map(({ runs }) =>
      span(runs.slice(1, 3), runs[0], runs[3]?.start),
    );
    expect(batches[2]?.speedup).toBeGreaterThanOrEqual((slowly?.least ?? 0) / (quickly?.most ?? 0));
    expect(batches[2]?.speedup).toBeLessThanOrEqual((slowly?.most ?? 0) / (quickly?.least ?? 0));
  });

  it('tells no speed-up when the reference was not measured in batches of 1', async () => {
    const { records } = await measure({ devices: [{ device: new WatchedBackend('watched') }], batches: [2] });
    expect(one(records, 'performance.batch').speedup).toBeUndefined();
  });

  it('has one device open at a time', async () => {
    const [first, second] = [new WatchedBackend('first'), new WatchedBackend('second')];
    await measure({ devices: [{ device: first }, { device: second }] });
    const closed = first.sessions[0]?.closeCalled;
    expect(closed).toBeLessThan(second.runs[0]?.start ?? 0);
    for (const { session } of [...first.sessions, ...second.sessions]) {
      expect(await session.closed).toEqual({ kind: 'closed' });
    }
  });

  it('measures from file to feature when asked', async () => {
    const backend = new WatchedBackend('watched');
    const { records, error } = await measure({
      devices: [{ device: backend }],
      batches: [2],
      warmup: 1,
      minIterations: 3,
      endToEnd: true,
    });
    expect(error).toBeUndefined();
    const { images, seconds, images_per_second } = one(records, 'performance.end_to_end');
    expect(images).toBe(6);
    expect(images_per_second).toBeCloseTo(images / seconds, 9);
    const runs = backend.runs.slice(1 + 1 + one(records, 'performance.batch').n);
    expect(runs.reduce((sum, { batch }) => sum + batch, 0)).toBe(2 + images);
    let warmup = 0;
    for (let given = 0; given < 2; warmup++) given += runs[warmup]?.batch ?? 0;
    const within = span(runs.slice(warmup), runs[warmup - 1], backend.sessions[0]?.closeCalled);
    expect(seconds * 1000).toBeGreaterThanOrEqual(within.least);
    expect(seconds * 1000).toBeLessThanOrEqual(within.most);
    expect(backend.sessions).toHaveLength(1);
    expect(await backend.sessions[0]?.session.closed).toEqual({ kind: 'closed' });
  });

  it('measures synthetic images when it is given none', async () => {
    const { images: _, ...withoutImages } = common;
    const { records } = await measurePerformance({
      ...withoutImages,
      devices: [{ device: 'cpu' }],
      endToEnd: true,
    });
    expect(one(records, 'run.plan').kind).toBe('performance');
    expect(one(records, 'run.plan')).toMatchObject({ images: 2 });
    expect(one(records, 'performance.preprocessing').min_ms).toBeGreaterThan(0);
    expect(one(records, 'performance.end_to_end').images).toBe(3);
    expect(one(records, 'run.end').status).toBe('complete');
  });
});

describe('an answer that does not count', () => {
  /** Two values are not finite in the runs at some positions; 0 is the first inference. */
  const spoilt = (isSpoilt: (position: number) => boolean) =>
    new WatchedBackend('watched', {
      afterRun(result, runs) {
        const state = result.tensors.last_hidden_state;
        if (state === undefined || !isSpoilt(runs.length - 1)) return result;
        const data = state.data.with(3, Number.NaN).with(8, Number.NEGATIVE_INFINITY);
        return { tensors: { last_hidden_state: { ...state, data } } };
      },
    });

  it.each([
    ['last warm-up run', 2],
    ['first measured run', 3],
    ['last measured run', 6],
  ])('of the %s makes an error of the batch, and no figures', async (_, position) => {
    const { records, error } = await measure({
      devices: [{ device: spoilt((run) => run === position) }],
      batches: [1, 2],
      warmup: 2,
      minIterations: 4,
    });
    expect(error).toBeUndefined();
    expect(one(records, 'run.error')).toMatchObject({
      code: 'EVALUATION_RESULT_INVALID',
      device: 'watched',
      batch: 1,
      message: expect.stringContaining('2 are not finite'),
    });
    expect(all(records, 'performance.batch').map(({ batch }) => batch)).toEqual([2]);
  });

  it('of the first inference is an error of the device, which is not measured', async () => {
    const backend = spoilt((run) => run === 0);
    const { records } = await measure({ devices: [{ device: backend }, { device: 'cpu' }] });
    expect(one(records, 'run.error')).toMatchObject({ code: 'EVALUATION_RESULT_INVALID', device: 'watched' });
    expect(all(records, 'performance.batch').map(({ device }) => device)).toEqual(['cpu']);
    expect(await backend.sessions[0]?.session.closed).toEqual({ kind: 'closed' });
  });

  it('from file to feature makes an error of the batch, and no figures', async () => {
    const backend = spoilt((run) => run >= 1 + 1 + 3);
    const { records } = await measure({ devices: [{ device: backend }], endToEnd: true });
    expect(one(records, 'run.error')).toMatchObject({
      code: 'EVALUATION_RESULT_INVALID',
      device: 'watched',
      batch: 1,
    });
    expect(all(records, 'performance.batch')).toHaveLength(1);
    expect(all(records, 'performance.end_to_end')).toEqual([]);
  });
});

describe('when something fails', () => {
  it('goes on without an image that cannot be used', async () => {
    const missing = join(common.model, 'missing.png');
    const { records, error } = await measure({
      devices: [{ device: 'cpu' }],
      images: [goldenImage('astronaut.png'), missing, goldenImage('chelsea.png')],
      batches: [3],
      endToEnd: true,
    });
    expect(error).toBeUndefined();
    expect(one(records, 'run.error')).toMatchObject({ code: 'IMAGE_NOT_FOUND', index: 1, image: missing });
    expect(one(records, 'run.plan')).toMatchObject({ images: 3 });
    expect(one(records, 'performance.batch').batch).toBe(3);
    expect(one(records, 'performance.end_to_end').images).toBe(9);
  });

  it('fails when no image can be used', async () => {
    const { records, error } = await measure({ devices: [{ device: 'cpu' }], images: [common.model] });
    expect(error).toMatchObject({ code: 'EVALUATION_IMAGES_UNUSABLE' });
    expect(all(records, 'run.error').map(({ code }) => code)).toEqual([
      expect.stringMatching(/^IMAGE_/),
      'EVALUATION_IMAGES_UNUSABLE',
    ]);
    expect(one(records, 'run.end').status).toBe('failed');
  });

  it('goes on after a batch size that fails', async () => {
    const backend = new WatchedBackend('watched', {
      beforeRun: ({ dims: [batch] }) => {
        if (batch === 4) throw new WebsslError({ code: 'BACKEND_OUT_OF_MEMORY', message: 'too large' });
      },
    });
    const { records, error } = await measure({ devices: [{ device: backend }], batches: [1, 4, 5] });
    expect(error).toBeUndefined();
    expect(one(records, 'run.error')).toMatchObject({
      code: 'BACKEND_OUT_OF_MEMORY',
      device: 'watched',
      batch: 4,
    });
    expect(all(records, 'performance.batch').map(({ batch }) => batch)).toEqual([1, 5]);
    expect(backend.sessions).toHaveLength(1);
    expect(one(records, 'run.end').status).toBe('complete');
  });

  it('opens a session again that was lost, once', async () => {
    const backend = new WatchedBackend('watched', {
      beforeRun: ({ dims: [batch] }, { device }) => {
        if (batch === 2 || batch === 4) process.kill(Number(device.details['processId']), 'SIGKILL');
      },
    });
    const { records, error } = await measure({ devices: [{ device: backend }], batches: [1, 2, 3, 4, 5] });
    expect(error).toBeUndefined();
    expect(all(records, 'performance.batch').map(({ batch }) => batch)).toEqual([1, 3]);
    expect(all(records, 'run.error').map(({ code, device, batch }) => [code, device, batch])).toEqual([
      ['BACKEND_LOST', 'watched', 2],
      ['BACKEND_LOST', 'watched', 4],
      ['EVALUATION_DEVICE_LOST', 'watched', 5],
    ]);
    expect(backend.sessions).toHaveLength(2);
    expect(one(records, 'performance.device').device).toBe('watched');
    for (const { session } of backend.sessions) expect(await session.closed).toMatchObject({ kind: 'lost' });
  });

  it('goes on after a device that cannot be opened, without a speed-up when that is the reference', async () => {
    const steps: number[] = [];
    const { records, error } = await measure({
      devices: [{ device: 'cpu:fp4' }, { device: 'cpu' }],
      onStep: (done) => steps.push(done),
    });
    expect(error).toBeUndefined();
    expect(one(records, 'run.error')).toMatchObject({
      code: 'BACKEND_PRECISION_UNSUPPORTED',
      device: 'cpu:fp4',
    });
    expect(one(records, 'run.device')).toMatchObject({ device: 'cpu', role: 'candidate' });
    expect(one(records, 'performance.batch').speedup).toBeUndefined();
    expect(steps).toEqual([1, 2, 3]);
  });

  it('fails when nothing could be measured', async () => {
    const broken = new WatchedBackend('broken', {
      beforeRun: () => {
        throw new Error('no');
      },
    });
    const { records, error } = await measure({ devices: [{ device: 'cpu:fp4' }, { device: broken }] });
    expect(error).toMatchObject({ code: 'EVALUATION_NOTHING_MEASURED' });
    expect(all(records, 'run.error').map(({ code, device }) => [code, device])).toEqual([
      ['BACKEND_PRECISION_UNSUPPORTED', 'cpu:fp4'],
      ['UNEXPECTED', 'broken'],
      ['EVALUATION_NOTHING_MEASURED', undefined],
    ]);
    expect(one(records, 'run.end').status).toBe('failed');
    expect(await broken.sessions[0]?.session.closed).toEqual({ kind: 'closed' });
  });

  it('refuses options before anything is recorded', async () => {
    const { records, error } = await measure({ devices: [{ device: 'cpu' }], batches: [0] });
    expect(error).toMatchObject({ code: 'EVALUATION_OPTION_INVALID' });
    expect(records).toEqual([]);
  });
});

describe('when it is stopped', () => {
  const reason = new Error('enough');

  it.each([
    ['during the first inference', 1, false],
    ['during the measurement', 4, false],
    ['from file to feature', 6, true],
  ])('%s it closes the session and says that it is incomplete', async (_, run, endToEnd) => {
    const controller = new AbortController();
    const backend: WatchedBackend = new WatchedBackend('watched', {
      beforeRun: () => {
        if (backend.runs.length === run) controller.abort(reason);
      },
    });
    const { records, error } = await measure({
      devices: [{ device: backend }, { device: 'cpu' }],
      minIterations: 3,
      endToEnd,
      signal: controller.signal,
    });
    expect(error).toBe(reason);
    expect(all(records, 'run.error')).toEqual([]);
    expect(records.at(-1)).toMatchObject({ record: 'run.end', status: 'interrupted' });
    expect(all(records, 'performance.device')).toEqual([]);
    expect(backend.sessions).toHaveLength(1);
    expect(backend.sessions[0]?.closeCalled).toBeDefined();
    expect(await backend.sessions[0]?.session.closed).toEqual({ kind: 'closed' });
  });

  it('waits for no run', async () => {
    const controller = new AbortController();
    const backend: WatchedBackend = new WatchedBackend('watched', {
      milliseconds: 24 * 60 * 60 * 1000,
      beforeRun: () => setImmediate(() => controller.abort(reason)),
    });
    const { error } = await measure({ devices: [{ device: backend }], signal: controller.signal });
    expect(error).toBe(reason);
  });

  it.each([
    ['the first inference', 1, 1],
    ['the warm-up', 2, 1],
    ['the measurement', 4, 1],
    ['the measurement of several runs at once', 9, 3],
    ['the way from file to feature', 6, 1],
  ])(
    'does not wait for a device that is deaf to it in %s, and closes its session',
    async (_, run, concurrency) => {
      const controller = new AbortController();
      const backend: WatchedBackend = new WatchedBackend('watched', {
        deafFrom: run,
        beforeRun: () => {
          if (backend.runs.length === run) setImmediate(() => controller.abort(reason));
        },
      });
      const { records, error } = await measure({
        devices: [{ device: backend }, { device: 'cpu' }],
        batches: [1, 2],
        concurrency,
        endToEnd: true,
        signal: controller.signal,
      });
      expect(error).toBe(reason);
      expect(all(records, 'run.error')).toEqual([]);
      expect(records.at(-1)).toMatchObject({ record: 'run.end', status: 'interrupted' });
      expect(backend.sessions).toHaveLength(1);
      expect(await backend.sessions[0]?.session.closed).toEqual({ kind: 'closed' });
    },
  );

  it('measures nothing when it was stopped before', async () => {
    const { records, error } = await measure({
      devices: [{ device: 'cpu' }],
      signal: AbortSignal.abort(reason),
    });
    expect(error).toBe(reason);
    expect(all(records, 'run.device')).toEqual([]);
  });
});
