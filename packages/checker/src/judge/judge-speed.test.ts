import { describe, expect, it } from 'vitest';
import { changed, performanceRun, without } from '../testing/example-runs.js';
import { failing, ruleOf } from '../testing/rule-of.js';
import type { Thresholds } from '../thresholds.js';
import { judge } from './judge.js';

function judged(thresholds: Thresholds, log = performanceRun()) {
  return judge(log, thresholds, { expect: ['performance'] });
}

describe('the reference is not judged by speed, the others are', () => {
  it('in images a second of the best batch', () => {
    expect(ruleOf(judged({ minImagesPerSecond: 80 }), 'images per second of acl-native:fp16@0')).toEqual({
      name: 'images per second of acl-native:fp16@0',
      status: 'PASS',
      measured: '80',
      bound: 'at least 80',
      note: 'batch 4',
    });
    expect(failing(judged({ minImagesPerSecond: 80.1 }))).toEqual(['images per second of acl-native:fp16@0']);
  });

  it('in the median of the smallest batch', () => {
    expect(ruleOf(judged({ maxLatencyMilliseconds: 31 }), 'latency of acl-native:fp16@0')).toEqual({
      name: 'latency of acl-native:fp16@0',
      status: 'PASS',
      measured: '30.94 ms',
      bound: 'at most 31 ms',
      note: 'median of batch 1',
    });
    expect(failing(judged({ maxLatencyMilliseconds: 30.9 }))).toEqual(['latency of acl-native:fp16@0']);
  });

  it('in the speed-up over the reference in batches of 1', () => {
    expect(ruleOf(judged({ minSpeedUp: 50 }), 'speed-up of acl-native:fp16@0')).toEqual({
      name: 'speed-up of acl-native:fp16@0',
      status: 'PASS',
      measured: '100',
      bound: 'at least 50',
      note: 'batch 4',
    });
    expect(failing(judged({ minSpeedUp: 101 }))).toEqual(['speed-up of acl-native:fp16@0']);
  });
});

it('a device alone is judged itself', () => {
  const alone = performanceRun({ devices: ['cpu'] });
  expect(failing(judged({ minImagesPerSecond: 1 }, alone))).toEqual(['images per second of cpu']);
  expect(judged({ minSpeedUp: 1, minImagesPerSecond: 0.8 }, alone).result).toBe('PASS');
});

it('the speed-up is worked out, whether a record tells it or not', () => {
  const log = changed(performanceRun(), 'performance.batch', { speedup: undefined }, 3);
  expect(judged({ minSpeedUp: 100 }, log).result).toBe('PASS');
});

describe('what was not measured is missing', () => {
  it('the reference in batches of 1, with advice', () => {
    const planned = changed(performanceRun(), 'run.plan', { batches: [4] });
    const inBatches = without(without(planned, 'performance.batch', 2), 'performance.batch', 0);
    const verdict = judged(
      { minSpeedUp: 1 },
      inBatches.map((record) =>
        record.record === 'performance.batch' ? { ...record, speedup: undefined } : record,
      ),
    );
    expect(failing(verdict)).toEqual(['speed-up of acl-native:fp16@0']);
    expect(ruleOf(verdict, 'speed-up of acl-native:fp16@0')).toMatchObject({
      status: 'MISSING',
      note: 'the reference device was not measured in batches of 1: measure batch 1 too',
    });
  });

  it('the device', () => {
    const log = without(without(performanceRun(), 'performance.batch', 3), 'performance.batch', 2);
    const { rules } = judged({ minImagesPerSecond: 1, maxLatencyMilliseconds: 1e6, minSpeedUp: 1 }, log);
    const statuses = rules
      .filter(({ name }) => name.endsWith('of acl-native:fp16@0'))
      .map(({ status }) => status);
    expect(statuses).toEqual(['MISSING', 'MISSING', 'MISSING']);
  });
});

it.each([
  [{ images_per_second: Number.NaN }, { minImagesPerSecond: 1 }, 'images per second of acl-native:fp16@0'],
  [{ images_per_second: Number.NaN }, { minSpeedUp: 1 }, 'speed-up of acl-native:fp16@0'],
  [{ median_ms: Number.NaN }, { maxLatencyMilliseconds: 1e9 }, 'latency of acl-native:fp16@0'],
])('%j does not meet a threshold', (fields, thresholds, rule) => {
  const log = changed(performanceRun(), 'performance.batch', fields, 2);
  expect(ruleOf(judged(thresholds, log), rule)).toMatchObject({ status: 'FAIL' });
});

it('an unstable measurement fails where stable ones are required', () => {
  const log = changed(performanceRun(), 'performance.batch', { unstable: true, second_half_ms: 2000 });
  expect(judged({}, log).result).toBe('PASS');
  expect(judged({ requireStable: false }, log).result).toBe('PASS');
  const verdict = judged({ requireStable: true }, log);
  expect(failing(verdict)).toEqual(['stable measurements']);
  expect(ruleOf(verdict, 'stable measurements')).toMatchObject({
    measured: '3 of 4',
    note: 'cpu, batch 1: 1250 ms in the first half, 2000 ms in the second',
  });
  expect(judged({ requireStable: true }).result).toBe('PASS');
});
