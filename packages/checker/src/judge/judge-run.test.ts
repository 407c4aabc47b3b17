import { describe, expect, it } from 'vitest';
import type { EvaluationRecord } from '../records.js';
import { changed, performanceRun, wholeLog, withMore, without } from '../testing/example-runs.js';
import { failing, ruleOf } from '../testing/rule-of.js';
import { judge } from './judge.js';

/** What the accuracy run of a log fails for. */
function accuracyNote(log: readonly EvaluationRecord[]) {
  const verdict = judge(log);
  expect(verdict.result).toBe('FAIL');
  return ruleOf(verdict, 'accuracy run');
}

describe('the end of a run', () => {
  it('is missing when the run was cut off', () => {
    expect(accuracyNote(without(wholeLog(), 'run.end'))).toMatchObject({
      status: 'MISSING',
      note: 'end: the run has no end: it was cut off, or goes on; records: how many there should be is said at the end of the run',
    });
  });

  it.each([
    ['interrupted', 'end: the run was interrupted'],
    ['failed', 'end: the run was given up'],
  ])('fails with the status %s', (status, note) => {
    expect(accuracyNote(changed(wholeLog(), 'run.end', { status }))).toMatchObject({ status: 'FAIL', note });
  });

  it('must be there once', () => {
    const log = wholeLog();
    const end = log.filter(({ record }) => record === 'run.end')[0];
    expect(accuracyNote([...log, ...(end === undefined ? [] : [end])]).note).toContain('the run has 2 ends');
  });

  it('must be last, as the plan must be first', () => {
    const log = wholeLog();
    const end = log.findIndex(({ record }) => record === 'run.end');
    const swapped = log.toSpliced(end - 1, 2, ...log.slice(end - 1, end + 1).toReversed());
    expect(accuracyNote(swapped).note).toBe('end: the run goes on after its end');
    expect(accuracyNote(log.toSpliced(0, 2, ...log.slice(0, 2).toReversed())).note).toBe(
      'end: the run does not begin with its plan',
    );
  });
});

it('a line that was lost in the middle is noticed', () => {
  const log = wholeLog();
  expect(accuracyNote(log.filter((_, at) => at !== 10)).note).toMatch(
    /^records: (\d+) are in the log, the run wrote (\d+) before its end$/,
  );
});

it('a record that the end did not count is noticed', () => {
  const end = wholeLog().find(({ record }) => record === 'run.end');
  if (end?.record !== 'run.end') throw new Error('the log has no end');
  const log = changed(wholeLog(), 'run.end', { records: end.records - 1 });
  expect(accuracyNote(log).note).toBe(
    `records: ${end.records} are in the log, the run wrote ${end.records - 1} before its end`,
  );
});

it('a record of another kind of run fails', () => {
  const [preprocessing] = performanceRun().filter(({ record }) => record === 'performance.preprocessing');
  const foreign = { ...preprocessing, run: 'run-of-accuracy' } as EvaluationRecord;
  const [end] = wholeLog().filter(({ record }) => record === 'run.end');
  const log = wholeLog().flatMap((record) =>
    record.run === end?.run && record.record === 'run.end'
      ? [foreign, { ...record, records: record.records + 1 }]
      : [record],
  );
  expect(accuracyNote(log).note).toBe(
    'records: performance.preprocessing does not belong into a run of this kind',
  );
});

it('errors fail with code, place and message', () => {
  const log = withMore(performanceRun(), {
    record: 'run.error',
    run: 'run-of-performance',
    code: 'DEVICE_OUT_OF_MEMORY',
    message: 'no room for batch 64',
    device: 'acl-native:fp16@0',
    batch: 64,
  });
  const verdict = judge(log, {}, { expect: ['performance'] });
  expect(failing(verdict)).toEqual(['performance run']);
  expect(ruleOf(verdict, 'performance run').note).toBe(
    'errors: DEVICE_OUT_OF_MEMORY (acl-native:fp16@0, batch 64): no room for batch 64',
  );
});

describe('environment and devices', () => {
  it('must be there', () => {
    expect(accuracyNote(without(wholeLog(), 'run.environment'))).toMatchObject({
      status: 'MISSING',
      note: 'environment: what the run was made on is not in the log',
    });
    expect(accuracyNote(without(wholeLog(), 'run.device', 1))).toMatchObject({
      status: 'MISSING',
      note: 'devices: missing: candidate acl-native:fp16@0',
    });
  });

  it('must be there once', () => {
    const [environment] = performanceRun().filter(({ record }) => record === 'run.environment');
    const log = withMore(performanceRun(), ...(environment === undefined ? [] : [environment]));
    const verdict = judge(log, {}, { expect: ['performance'] });
    expect(ruleOf(verdict, 'performance run').note).toBe('environment: it is there more than once');
  });

  it('must be those that were planned, in their roles', () => {
    const log = changed(wholeLog(), 'run.device', { role: 'candidate' });
    expect(accuracyNote(log).note).toBe('devices: not planned: candidate cpu; missing: reference cpu');
  });
});

describe('the bound of the plan', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0, -0.01])('must be a bound, not %d', (max_nmse) => {
    const log = changed(wholeLog(), 'run.plan', { max_nmse });
    expect(accuracyNote(log).note).toContain('planned bound: max_nmse of the plan is ');
    expect(judge(log, { maxNmse: 1 }).result).toBe('FAIL');
    expect(accuracyNote(changed(wholeLog(), 'run.plan', { max_layer_nmse: max_nmse })).note).toContain(
      'planned bound: max_layer_nmse of the plan is ',
    );
  });
});
