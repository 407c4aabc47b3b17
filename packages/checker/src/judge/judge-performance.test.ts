import { describe, expect, it } from 'vitest';
import type { EvaluationRecord, RecordName } from '../records.js';
import { changed, performanceRun, withMore, without } from '../testing/example-runs.js';
import { failing, ruleOf } from '../testing/rule-of.js';
import { judge } from './judge.js';

function judged(log: readonly EvaluationRecord[]) {
  return judge(log, {}, { expect: ['performance'] });
}

describe('what was planned', () => {
  it.each([
    ['performance.device', 'performance run', 'loading: missing: acl-native:fp16@0', 1],
    [
      'performance.preprocessing',
      'performance run',
      'preprocessing: performance.preprocessing is not in the log',
      0,
    ],
    ['performance.batch', 'measured batches', 'missing: acl-native:fp16@0, batch 4', 3],
    ['performance.end_to_end', 'from file to feature', 'missing: cpu, batch 1', 0],
  ] as const)('%s is missing where it is not there', (name, rule, note, position) => {
    const verdict = judged(without(performanceRun({ endToEnd: true }), name, position));
    expect(failing(verdict)).toEqual([rule]);
    expect(ruleOf(verdict, rule)).toMatchObject({ status: 'MISSING', note });
  });

  it.each([
    ['performance.device', 'performance run'],
    ['performance.preprocessing', 'performance run'],
    ['performance.batch', 'measured batches'],
    ['performance.end_to_end', 'from file to feature'],
  ] as const)('%s fails where it is there twice', (name, rule) => {
    const log = performanceRun({ endToEnd: true });
    const verdict = judged(withMore(log, ...log.filter(({ record }) => record === name).slice(0, 1)));
    expect(failing(verdict)).toEqual([rule]);
    expect(ruleOf(verdict, rule)).toMatchObject({
      status: 'FAIL',
      note: expect.stringContaining('more than once'),
    });
  });

  it.each([
    ['performance.batch', { batch: 2 }],
    ['performance.batch', { device: 'gpu' }],
    ['performance.device', { device: 'gpu' }],
  ] as const)('%s of %j fails', (name, fields) => {
    const verdict = judged(changed(performanceRun(), name, fields));
    expect(verdict.result).toBe('FAIL');
    expect(verdict.rules.map(({ note }) => note).join()).toMatch(/not planned: (cpu, batch 2|gpu)/);
  });

  it('measurements from file to feature fail where they were not planned', () => {
    const log = changed(performanceRun({ endToEnd: true }), 'run.plan', { end_to_end: false });
    expect(failing(judged(log))).toEqual(['from file to feature']);
  });
});

describe('each measurement is as long as was planned', () => {
  it('and tells the shortest', () => {
    expect(ruleOf(judged(performanceRun()), 'measurements')).toEqual({
      name: 'measurements',
      status: 'PASS',
      measured: '5 runs, 3 s',
      bound: 'at least 5 runs, 3 s',
    });
  });

  it.each([
    [{ min_iterations: 6 }, 'cpu, batch 1: 5 runs in 6.25 s'],
    [{ min_seconds: 3.1 }, 'acl-native:fp16@0, batch 1: 96 runs in 3 s'],
    [{ min_seconds: Number.NaN }, 'min_seconds of the plan is NaN'],
    [{ min_seconds: -1 }, 'min_seconds of the plan is -1'],
    [{ concurrency: 2 }, 'cpu, batch 1: 1 in flight, 2 were planned'],
  ])('%j', (plan, note) => {
    const verdict = judged(changed(performanceRun(), 'run.plan', plan));
    expect(failing(verdict)).toEqual(['measurements']);
    expect(ruleOf(verdict, 'measurements').note).toContain(note);
  });

  it.each([
    [{ images: 4, seconds: 5 }, 'cpu, batch 1, from file to feature: 4 images in 5 s'],
    [{ images: 8, seconds: 2, images_per_second: 4 }, 'cpu, batch 1, from file to feature: 8 images in 2 s'],
  ])('also from file to feature: %j', (fields, note) => {
    const log = changed(performanceRun({ endToEnd: true }), 'performance.end_to_end', fields);
    const verdict = judged(log);
    expect(failing(verdict)).toEqual(['measurements']);
    expect(ruleOf(verdict, 'measurements').note).toContain(note);
  });

  it('from file to feature in images of whole batches', () => {
    const log = changed(
      performanceRun({ endToEnd: true }),
      'performance.end_to_end',
      { images: 16, seconds: 20, images_per_second: 0.8 },
      1,
    );
    expect(ruleOf(judged(log), 'measurements').note).toContain(
      'cpu, batch 4, from file to feature: 16 images in 20 s',
    );
  });

  it('but for the difference of two clocks', () => {
    expect(judged(changed(performanceRun(), 'run.plan', { min_seconds: 3.01 })).result).toBe('PASS');
  });
});

describe('figures that no clock gives fail', () => {
  const cases: readonly (readonly [RecordName, object, string])[] = [
    ['performance.device', { load_ms: Number.NaN }, 'performance.device of cpu: load_ms is NaN'],
    ['performance.device', { first_inference_ms: 0 }, 'performance.device of cpu: first_inference_ms is 0'],
    ['performance.device', { peak_memory_bytes: 0 }, 'performance.device of cpu: peak_memory_bytes is 0'],
    ['performance.preprocessing', { mean_ms: -1 }, 'performance.preprocessing: mean_ms is -1'],
    ['performance.preprocessing', { stddev_ms: Number.NaN }, 'performance.preprocessing: stddev_ms is NaN'],
    ['performance.preprocessing', { min_ms: 30 }, 'performance.preprocessing: median_ms is below min_ms'],
    ['performance.batch', { median_ms: Number.NaN }, 'performance.batch of cpu, batch 1: median_ms is NaN'],
    ['performance.batch', { p90_ms: 1 }, 'performance.batch of cpu, batch 1: p90_ms is below median_ms'],
    [
      'performance.batch',
      { p90_ms: undefined, p95_ms: 3000, p99_ms: 2000 },
      'performance.batch of cpu, batch 1: p99_ms is below p95_ms',
    ],
    ['performance.batch', { min_ms: 1240 }, 'performance.batch of cpu, batch 1: median_ms is below min_ms'],
    ['performance.batch', { compute_ms: -1 }, 'performance.batch of cpu, batch 1: compute_ms is -1'],
    [
      'performance.batch',
      { first_half_ms: Number.NaN },
      'performance.batch of cpu, batch 1: first_half_ms is NaN',
    ],
    [
      'performance.batch',
      { images_per_second: Number.POSITIVE_INFINITY },
      'performance.batch of cpu, batch 1: images_per_second is Infinity',
    ],
    [
      'performance.batch',
      { images_per_second: 8 },
      'performance.batch of cpu, batch 1: images_per_second does not fit n, batch and seconds',
    ],
    [
      'performance.batch',
      { speedup: 2 },
      'performance.batch of cpu, batch 1: speedup is not images_per_second over',
    ],
    [
      'performance.batch',
      { mean_ms: 2000 },
      'performance.batch of cpu, batch 1: n runs of mean_ms take longer than seconds',
    ],
    ['performance.batch', { speedup: Number.NaN }, 'performance.batch of cpu, batch 1: speedup is NaN'],
    [
      'performance.end_to_end',
      { images: 9 },
      'performance.end_to_end of cpu, batch 1: images_per_second is not images by seconds',
    ],
    ['performance.end_to_end', { seconds: 0 }, 'performance.end_to_end of cpu, batch 1: seconds is 0'],
  ];
  it.each(cases)('%s %j', (name, fields, note) => {
    const verdict = judged(changed(performanceRun({ endToEnd: true }), name, fields));
    expect(failing(verdict)).toEqual(['measurements']);
    expect(ruleOf(verdict, 'measurements').note).toContain(note);
  });
});
