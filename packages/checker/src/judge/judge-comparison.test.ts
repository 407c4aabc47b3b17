import { expect, it } from 'vitest';
import type { EvaluationRecord } from '../records.js';
import { changed, comparisonRun, figures, withMore, without } from '../testing/example-runs.js';
import { failing, ruleOf } from '../testing/rule-of.js';
import type { Thresholds } from '../thresholds.js';
import { judge } from './judge.js';

function judgeRun(log: readonly EvaluationRecord[], thresholds: Thresholds = {}) {
  return judge(log, thresholds, { expect: ['comparison'] });
}

it('tensors that are not in the log are missing', () => {
  const verdict = judgeRun(without(comparisonRun(), 'accuracy.tensor'));
  expect(failing(verdict)).toEqual(['compared tensors']);
  expect(ruleOf(verdict, 'compared tensors')).toMatchObject({
    status: 'MISSING',
    measured: '1 of 2',
    note: '1 are not in the log',
  });
});

it('a tensor that is there twice fails, also in the place of another', () => {
  const twice = changed(comparisonRun(), 'accuracy.tensor', { tensor: 'last_hidden_state' }, 1);
  expect(ruleOf(judgeRun(twice), 'compared tensors').note).toBe('last_hidden_state is there more than once');
  const more = withMore(comparisonRun(), {
    record: 'accuracy.tensor',
    run: 'run-of-comparison',
    tensor: 'third',
    ...figures(0),
  });
  expect(ruleOf(judgeRun(more), 'compared tensors').note).toBe('there are more than were planned');
});

it('files without a tensor in common fail', () => {
  const log = without(without(comparisonRun(), 'accuracy.tensor'), 'accuracy.tensor');
  const verdict = judgeRun(changed(log, 'run.plan', { tensors: 0 }));
  expect(verdict.result).toBe('FAIL');
  expect(ruleOf(verdict, 'compared tensors').note).toBe('the files have no tensor in common');
});

it('the NMSE of a tensor passes at the bound and fails above it', () => {
  expect(judgeRun(comparisonRun(), { maxNmse: 2e-5 }).result).toBe('PASS');
  const verdict = judgeRun(comparisonRun(), { maxNmse: 1.9e-5 });
  expect(failing(verdict)).toEqual(['NMSE of the tensors']);
  expect(ruleOf(verdict, 'NMSE of the tensors').note).toContain('worst: last_hidden_state.cls');
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('an NMSE of %d fails', (nmse) => {
  const log = changed(comparisonRun(), 'accuracy.tensor', figures(nmse));
  expect(failing(judgeRun(log, { maxNmse: 1e300 }))).toEqual(['NMSE of the tensors']);
});

it('a run without its environment passes, with two of them it fails', () => {
  expect(judgeRun(without(comparisonRun(), 'run.environment')).result).toBe('PASS');
  const environment = comparisonRun().filter(({ record }) => record === 'run.environment');
  expect(failing(judgeRun(withMore(comparisonRun(), ...environment)))).toEqual(['comparison run']);
});
