import { describe, expect, it } from 'vitest';
import { accuracyRun, comparisonRun, performanceRun, wholeLog } from '../testing/example-runs.js';
import { failing, ruleOf } from '../testing/rule-of.js';
import { judge } from './judge.js';

describe('a log that holds everything', () => {
  it('passes, with a rule for each thing that holds', () => {
    const { result, rules } = judge(wholeLog());
    expect(rules.filter(({ status }) => status !== 'PASS')).toEqual([]);
    expect(result).toBe('PASS');
    expect(rules.map(({ name }) => name)).toEqual([
      'log',
      'accuracy run',
      'compared images',
      'NMSE of last_hidden_state',
      'NMSE of cls',
      'compared layers',
      'NMSE of hidden_states',
      'repeated images',
      'NMSE between runs',
      'performance run',
      'measured batches',
      'from file to feature',
      'measurements',
      'same model',
      'same devices',
      'same batches',
    ]);
  });

  it.each(['accuracy', 'performance', 'comparison'] as const)('passes with one %s run', (kind) => {
    const runs = { accuracy: accuracyRun(), performance: performanceRun(), comparison: comparisonRun() };
    expect(judge(runs[kind], {}, { expect: [kind] })).toMatchObject({ result: 'PASS' });
  });

  it('passes with the runs in either order, and one between the other', () => {
    const [accuracy, performance] = [accuracyRun(), performanceRun()];
    expect(judge([...performance, ...accuracy]).result).toBe('PASS');
    expect(judge([...accuracy.slice(0, 5), ...performance, ...accuracy.slice(5)]).result).toBe('PASS');
  });
});

describe('thresholds', () => {
  it('win over the bound of the plan, either way', () => {
    const verdict = judge(wholeLog(), { maxNmse: 3.9e-5 });
    expect(ruleOf(verdict, 'NMSE of cls')).toEqual({
      name: 'NMSE of cls',
      status: 'FAIL',
      measured: '4e-05 (0.004 %)',
      bound: 'at most 3.9e-05 (0.0039 %)',
      note: 'out of bound; worst: a dog="1".png (image 1) in batches of 2; bound of the thresholds',
    });
    expect(failing(verdict)).toEqual(['NMSE of last_hidden_state', 'NMSE of cls']);
  });

  it('are met at the bound itself', () => {
    const worst = 1e-5 * 4;
    expect(judge(wholeLog(), { maxNmse: worst }).result).toBe('PASS');
    expect(judge(wholeLog(), { maxNmse: worst * (1 - 1e-12) }).result).toBe('FAIL');
  });

  it('of a run that is not expected are missing, not passed over', () => {
    const verdict = judge(accuracyRun(), { minSpeedUp: 10 }, { expect: ['accuracy'] });
    expect(ruleOf(verdict, 'threshold minSpeedUp')).toEqual({
      name: 'threshold minSpeedUp',
      status: 'MISSING',
      bound: '10',
      note: 'only a run of kind performance decides it, and none is expected',
    });
    expect(verdict.result).toBe('FAIL');
    expect(judge(accuracyRun(), { requireStable: false }, { expect: ['accuracy'] }).result).toBe('PASS');
  });

  it.each([
    [{ maxNmse: Number.NaN }, 'maxNmse'],
    [{ maxNmse: Number.POSITIVE_INFINITY }, 'maxNmse'],
    [{ minSpeedUp: 0 }, 'minSpeedUp'],
    [{ maxLatencyMilliseconds: -1 }, 'maxLatencyMilliseconds'],
  ])('%j are refused', (thresholds, key) => {
    expect(() => judge(wholeLog(), thresholds)).toThrow(
      expect.objectContaining({ code: 'CHECK_THRESHOLDS_INVALID', details: { key } }),
    );
  });
});
