import { describe, expect, it } from 'vitest';
import type { EvaluationRecord, LogRecord } from '../records.js';
import { accuracyRun, comparisonRun, performanceRun, wholeLog } from '../testing/example-runs.js';
import { failing, ruleOf } from '../testing/rule-of.js';
import { judge } from './judge.js';

it('an empty log fails with that reason', () => {
  const verdict = judge([]);
  expect(verdict.result).toBe('FAIL');
  expect(ruleOf(verdict, 'log')).toMatchObject({
    status: 'MISSING',
    note: 'records: it holds no record of an evaluation',
  });
});

it('a run that is not there is missing', () => {
  const verdict = judge(accuracyRun());
  expect(verdict.result).toBe('FAIL');
  expect(ruleOf(verdict, 'performance run')).toMatchObject({
    status: 'MISSING',
    measured: '0',
    note: 'the log holds no performance run',
  });
});

it('two runs of one kind fail', () => {
  const second = accuracyRun().map((record) => ({ ...record, run: 'another' }));
  const verdict = judge([...wholeLog(), ...second]);
  expect(failing(verdict)).toEqual(['accuracy run']);
  expect(ruleOf(verdict, 'accuracy run').note).toBe('the log holds 2 accuracy runs: check one at a time');
});

it('a log that is there twice fails', () => {
  const verdict = judge([...wholeLog(), ...wholeLog()]);
  expect(verdict.result).toBe('FAIL');
  expect(ruleOf(verdict, 'log').note).toContain('run run-of-accuracy is in the log more than once');
});

it('two plans of different kinds with one run id fail', () => {
  const log = [...accuracyRun(), ...performanceRun()].map((record) => ({ ...record, run: 'one' }));
  expect(ruleOf(judge(log), 'log').note).toContain('run one is in the log more than once');
});

it('a run of a kind that is not expected fails', () => {
  const verdict = judge([...wholeLog(), ...comparisonRun()]);
  expect(failing(verdict)).toEqual(['log']);
  expect(ruleOf(verdict, 'log').note).toBe('runs: a run of kind comparison is not expected here');
});

it('nothing passes where nothing is expected', () => {
  for (const log of [[], wholeLog(), accuracyRun()]) {
    expect(judge(log, {}, { expect: [] }).result).toBe('FAIL');
  }
});

it('records whose run has no plan fail', () => {
  const stray: EvaluationRecord = { record: 'run.error', run: 'lost', code: 'X', message: 'y' };
  const verdict = judge([...wholeLog(), stray]);
  expect(failing(verdict)).toEqual(['log']);
  expect(ruleOf(verdict, 'log').note).toBe('runs: run lost has records and no plan');
});

describe('damaged lines', () => {
  const damaged = (line: number): LogRecord => ({
    record: 'log.damaged',
    line,
    message: 'accuracy.image: nmse is missing',
  });

  it('fail, the first few quoted', () => {
    const verdict = judge([...wholeLog(), ...[3, 5, 7, 9, 11].map(damaged)]);
    expect(failing(verdict)).toEqual(['log']);
    expect(ruleOf(verdict, 'log').note).toBe(
      'records: line 3: accuracy.image: nmse is missing; line 5: accuracy.image: nmse is missing; ' +
        'line 7: accuracy.image: nmse is missing; and 2 more',
    );
  });

  it('of another schema version say so', () => {
    const message = 'run.plan: written with schema 2, this checker reads 1';
    const verdict = judge([...wholeLog(), { record: 'log.damaged', line: 1, message, schema: 2 }]);
    expect(failing(verdict)).toEqual(['log']);
    expect(ruleOf(verdict, 'log').note).toBe(`schema: line 1: ${message}`);
  });
});
