import { describe, expect, it } from 'vitest';
import type { EvaluationRecord } from '../records.js';
import { accuracyRun, changed, withMore, without } from '../testing/example-runs.js';
import { failing, ruleOf } from '../testing/rule-of.js';
import type { Thresholds } from '../thresholds.js';
import { judge } from './judge.js';

const rule = 'NMSE between runs';
const run = () => accuracyRun({ stability: 2 });

function judgeRun(log: readonly EvaluationRecord[], thresholds: Thresholds = {}) {
  return judge(log, thresholds, { expect: ['accuracy'] });
}

describe('the repeated images', () => {
  it('are each there, once', () => {
    const missing = judgeRun(without(run(), 'accuracy.stability', 3));
    expect(failing(missing)).toEqual(['repeated images']);
    expect(ruleOf(missing, 'repeated images')).toMatchObject({
      status: 'MISSING',
      measured: '3 of 4',
      note: 'missing: image 1, batch 2',
    });
    const first = run()
      .filter(({ record }) => record === 'accuracy.stability')
      .slice(0, 1);
    expect(ruleOf(judgeRun(withMore(run(), ...first)), 'repeated images')).toMatchObject({
      status: 'FAIL',
      note: 'more than once: image 0, batch 1',
    });
  });

  it('are missing when all of them are lost', () => {
    const log = run().filter(({ record }) => record !== 'accuracy.stability');
    expect(ruleOf(judgeRun(log), 'repeated images').status).toBe('MISSING');
    expect(ruleOf(judgeRun(log), rule)).toMatchObject({
      status: 'MISSING',
      note: 'accuracy.stability is not in the log; 0 of 0 bit for bit the same; bound of the plan',
    });
  });

  it('may not be there when it was not planned', () => {
    const verdict = judgeRun(changed(run(), 'run.plan', { stability: 0 }));
    expect(ruleOf(verdict, rule).status).toBe('FAIL');
    expect(ruleOf(verdict, rule).note).toContain('photos/cat.jpg (image 0) in batches of 1: not planned');
  });
});

describe('the NMSE between runs', () => {
  it('passes at the bound and fails above it', () => {
    const at = (max_nmse: number) =>
      judgeRun(changed(run(), 'accuracy.stability', { max_nmse }, 1), { maxNmse: 0.5 });
    expect(at(0.5).result).toBe('PASS');
    expect(failing(at(0.51))).toEqual([rule]);
    expect(ruleOf(at(0.51), rule)).toEqual({
      name: rule,
      status: 'FAIL',
      measured: '0.51 (51 %)',
      bound: 'at most 0.5 (50 %)',
      note: 'photos/cat.jpg (image 0) in batches of 2: NMSE 0.51 (51 %); 2 of 4 bit for bit the same; bound of the thresholds',
    });
  });

  it.each([
    [{ max_nmse: Number.NaN }, 'NMSE NaN (NaN %)'],
    [{ max_nmse: Number.POSITIVE_INFINITY }, 'NMSE Infinity (Infinity %)'],
    [{ max_nmse: -1 }, 'NMSE -1 (-100 %)'],
    [{ max_abs_error: Number.NaN }, 'max_abs_error is NaN'],
    [{ not_finite: 2 }, '2 values are not finite'],
    [{ runs: 1 }, '1 runs, 2 were planned'],
    [{ identical: true }, 'identical, and NMSE 1e-9, max_abs_error 0.0001'],
  ])('fails with %j', (fields, note) => {
    const verdict = judgeRun(changed(run(), 'accuracy.stability', fields, 1));
    expect(failing(verdict)).toEqual([rule]);
    expect(ruleOf(verdict, rule).note).toContain(`photos/cat.jpg (image 0) in batches of 2: ${note}`);
  });
});
