import { describe, expect, it } from 'vitest';
import type { EvaluationRecord } from '../records.js';
import { accuracyRun, changed, figures, withMore, without } from '../testing/example-runs.js';
import { failing, ruleOf } from '../testing/rule-of.js';
import type { Thresholds } from '../thresholds.js';
import { judge } from './judge.js';

const rule = 'NMSE of hidden_states';
const run = () => accuracyRun({ layers: 3 });

function judgeRun(log: readonly EvaluationRecord[], thresholds: Thresholds = {}) {
  return judge(log, thresholds, { expect: ['accuracy'] });
}

/** Image 0 after layer 1 has this NMSE, and the drift record agrees with it. */
function drifted(nmse: number, first_layer_over?: number) {
  const log = changed(run(), 'accuracy.layer', figures(nmse), 1);
  return changed(log, 'accuracy.drift', { worst_layer: 1, worst_nmse: nmse, first_layer_over });
}

describe('the compared layers', () => {
  it('are each there, once and no other', () => {
    const missing = judgeRun(without(run(), 'accuracy.layer', 4));
    expect(failing(missing)).toEqual(['compared layers']);
    expect(ruleOf(missing, 'compared layers')).toMatchObject({
      status: 'MISSING',
      measured: '5 of 6',
      note: 'missing: image 1, layer 1',
    });

    const layer = run()
      .filter(({ record }) => record === 'accuracy.layer')
      .slice(0, 1);
    expect(ruleOf(judgeRun(withMore(run(), ...layer)), 'compared layers')).toMatchObject({
      status: 'FAIL',
      note: 'more than once: image 0, layer 0',
    });
    expect(ruleOf(judgeRun(changed(run(), 'accuracy.layer', { layer: 3 }, 2)), 'compared layers').note).toBe(
      'not planned: image 0, layer 3; missing: image 0, layer 2',
    );
  });

  it('may not be there when none were planned', () => {
    const log = changed(run(), 'run.plan', { layers: 0 });
    expect(ruleOf(judgeRun(log), 'compared layers')).toMatchObject({ status: 'FAIL', measured: '0 of 0' });
  });

  it('are missing when all of them are lost', () => {
    const log = run().filter(({ record }) => record !== 'accuracy.layer' && record !== 'accuracy.drift');
    expect(ruleOf(judgeRun(log), 'compared layers').status).toBe('MISSING');
    expect(ruleOf(judgeRun(log), rule)).toMatchObject({ status: 'MISSING' });
  });
});

describe('the NMSE of a layer', () => {
  it('passes at the bound and fails above it, naming the first layer', () => {
    expect(judgeRun(drifted(0.01)).result).toBe('PASS');
    const verdict = judgeRun(drifted(0.011, 1));
    expect(failing(verdict)).toEqual([rule]);
    expect(ruleOf(verdict, rule)).toEqual({
      name: rule,
      status: 'FAIL',
      measured: '0.011 (1.1 %)',
      bound: 'at most 0.01 (1 %)',
      note: 'first out of bound: hidden_states.1; out of bound; worst: hidden_states.1, photos/cat.jpg (image 0); bound of the plan',
    });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1e-9])('fails with %d', (nmse) => {
    const { status, note } = ruleOf(judgeRun(drifted(nmse, 1), { maxLayerNmse: 1e300 }), rule);
    expect(status).toBe('FAIL');
    expect(note).toContain(`hidden_states.1, photos/cat.jpg (image 0): nmse is ${nmse}`);
  });

  it('that is NaN is no fault of the record that names it', () => {
    expect(ruleOf(judgeRun(drifted(Number.NaN, 1)), rule).note).not.toContain('drift:');
  });

  it('has a bound of its own: of the thresholds, else of the plan', () => {
    expect(judgeRun(run(), { maxNmse: 0.5, maxLayerNmse: 6e-6 }).result).toBe('PASS');
    expect(failing(judgeRun(run(), { maxNmse: 0.5, maxLayerNmse: 5e-6 }))).toEqual([rule]);
    const planned = changed(drifted(0.5), 'run.plan', { max_layer_nmse: 0.5 });
    expect(judgeRun(changed(planned, 'accuracy.drift', { bound: 0.5 })).result).toBe('PASS');
    expect(ruleOf(judgeRun(planned), rule).note).toContain('drift: its bound is 0.01, that of the plan 0.5');
  });

  it('must belong to the other figures', () => {
    const verdict = judgeRun(changed(run(), 'accuracy.layer', { nmse_percent: 1 }));
    expect(failing(verdict)).toEqual([rule]);
  });
});

it('a threshold on layers is missing, not passed over, where none were compared', () => {
  const verdict = judgeRun(accuracyRun(), { maxLayerNmse: 1e-3 });
  expect(verdict.result).toBe('FAIL');
  expect(ruleOf(verdict, 'threshold maxLayerNmse')).toEqual({
    name: 'threshold maxLayerNmse',
    status: 'MISSING',
    bound: 'at most 0.001 (0.1 %)',
    note: 'the accuracy run compared no layers',
  });
});

describe('the record of the drift', () => {
  it('must be there, once', () => {
    expect(ruleOf(judgeRun(without(run(), 'accuracy.drift')), rule)).toMatchObject({ status: 'MISSING' });
    const drift = run().filter(({ record }) => record === 'accuracy.drift');
    expect(ruleOf(judgeRun(withMore(run(), ...drift)), rule).note).toContain('it is there more than once');
  });

  it.each([
    { worst_layer: 0 },
    { worst_layer: 7 },
    { worst_nmse: 5e-6 },
    { worst_nmse: Number.NaN },
    { worst_nmse: Number.POSITIVE_INFINITY },
    { first_layer_over: 2 },
    { bound: 1e-6 },
  ])('must agree with the layers: not %j', (fields) => {
    const verdict = judgeRun(changed(run(), 'accuracy.drift', fields));
    expect(failing(verdict)).toEqual([rule]);
    expect(ruleOf(verdict, rule).note).toContain('drift: ');
  });
});
