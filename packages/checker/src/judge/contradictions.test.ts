import { expect, it } from 'vitest';
import { accuracyRun, changed, performanceRun } from '../testing/example-runs.js';
import { ruleOf } from '../testing/rule-of.js';
import { judge } from './judge.js';

const accuracyWith = (values: object) =>
  ruleOf(
    judge(changed(accuracyRun(), 'accuracy.image', values, 0), {}, { expect: ['accuracy'] }),
    'NMSE of last_hidden_state',
  );

it.each([
  // A candidate at a right angle to the reference is off by all of its energy.
  ['cosine', { cosine: 0 }],
  ['cosine', { cosine: -1 }],
  ['cosine', { cosine: 0.9 }],
  ['max_abs_error', { max_abs_error: 0 }],
  ['max_abs_error', { nmse: 0, nmse_percent: 0, relative_l2: 0, cosine: 1, max_abs_error: 1e30 }],
])('no two tensors have such a %s: %j', (name, values) => {
  const rule = accuracyWith(values);
  expect(rule.status).toBe('FAIL');
  expect(rule.note).toMatch(new RegExp(`(${name} .* does not belong|does not belong to ${name})`));
});

it('an answer that is the reference itself is none of them', () => {
  const same = { nmse: 0, nmse_percent: 0, relative_l2: 0, cosine: 1, max_abs_error: 0 };
  expect(accuracyWith(same).note ?? '').not.toContain('does not belong to nmse');
});

it('halves that differ are flagged as unstable', () => {
  const halves = (values: object) =>
    ruleOf(
      judge(changed(performanceRun(), 'performance.batch', values, 0), {}, { expect: ['performance'] }),
      'measurements',
    );
  expect(halves({ first_half_ms: 1, second_half_ms: 100 })).toMatchObject({
    status: 'FAIL',
    note: expect.stringContaining('not flagged as unstable'),
  });
  expect(halves({ first_half_ms: 1, second_half_ms: 100, unstable: true }).status).toBe('PASS');
});
