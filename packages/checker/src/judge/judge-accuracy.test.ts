import { describe, expect, it } from 'vitest';
import type { EvaluationRecord } from '../records.js';
import { accuracyRun, changed, figures, withMore, without } from '../testing/example-runs.js';
import { failing, ruleOf } from '../testing/rule-of.js';
import type { Thresholds } from '../thresholds.js';
import { judge } from './judge.js';

function judgeRun(log: readonly EvaluationRecord[], thresholds: Thresholds = {}) {
  return judge(log, thresholds, { expect: ['accuracy'] });
}

/** The first comparison is of the CLS token or of the whole. */
const places = [
  { position: 0, tensor: 'last_hidden_state' },
  { position: 1, tensor: 'cls' },
] as const;

describe('the compared images', () => {
  it.each(places)('are each there, with $tensor', ({ position, tensor }) => {
    const verdict = judgeRun(without(accuracyRun(), 'accuracy.image', position));
    expect(verdict.result).toBe('FAIL');
    expect(ruleOf(verdict, 'compared images')).toEqual({
      name: 'compared images',
      status: 'MISSING',
      measured: '7 of 8',
      note: `missing: image 0, batch 1, ${tensor}`,
    });
  });

  it('are told by a few when many are missing, also of a plan beyond counting', () => {
    const noteOf = (images: number) =>
      ruleOf(judgeRun(changed(accuracyRun(), 'run.plan', { images })), 'compared images').note;
    // Two images in two batches with two outputs are there.
    expect(noteOf(5)).toMatch(/^missing: image 2, batch 1, last_hidden_state; .*; and 9 more$/);
    expect(noteOf(Number.MAX_SAFE_INTEGER)).toMatch(/^missing: image 2, .*; and \d+ more$/);
  });

  it.each([
    ['image 2', { index: 2 }],
    ['batch 3', { batch: 3 }],
  ])('of %s are not planned', (place, fields) => {
    const verdict = judgeRun(changed(accuracyRun(), 'accuracy.image', fields));
    expect(ruleOf(verdict, 'compared images')).toMatchObject({ status: 'FAIL', measured: '7 of 8' });
    expect(ruleOf(verdict, 'compared images').note).toMatch(new RegExp(`^not planned: .*${place}`));
  });

  it('are there once', () => {
    const log = accuracyRun();
    const image = log.filter(({ record }) => record === 'accuracy.image').slice(0, 1);
    expect(ruleOf(judgeRun(withMore(log, ...image)), 'compared images')).toMatchObject({
      status: 'FAIL',
      note: 'more than once: image 0, batch 1, last_hidden_state',
    });
  });
});

describe('the NMSE of an image', () => {
  it.each(places)('passes at the bound and fails above it, for $tensor', ({ position, tensor }) => {
    const at = (nmse: number) =>
      ruleOf(
        judgeRun(changed(accuracyRun(), 'accuracy.image', figures(nmse), position), { maxNmse: 0.5 }),
        `NMSE of ${tensor}`,
      );
    expect(at(0.5).note).not.toContain('out of bound');
    expect(at(0.5).measured).toBe('0.5 (50 %)');
    expect(at(0.500001)).toMatchObject({ status: 'FAIL', measured: '0.500001 (50.0001 %)' });
    expect(at(0.500001).note).toContain('out of bound; worst: photos/cat.jpg (image 0) in batches of 1');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1e-9])('fails with %d', (nmse) => {
    const verdict = judgeRun(changed(accuracyRun(), 'accuracy.image', figures(nmse), 1), { maxNmse: 1e300 });
    expect(ruleOf(verdict, 'NMSE of cls')).toMatchObject({ status: 'FAIL' });
    expect(ruleOf(verdict, 'NMSE of cls').note).toContain(
      `figures of cls: photos/cat.jpg (image 0) in batches of 1: nmse is ${nmse}`,
    );
  });

  it('is missing when nothing was compared', () => {
    const log = accuracyRun().filter(({ record }) => record !== 'accuracy.image');
    expect(ruleOf(judgeRun(log), 'NMSE of cls')).toMatchObject({ status: 'FAIL' });
    expect(ruleOf(judgeRun(log), 'NMSE of cls').note).toContain('nothing was compared');
  });
});

describe('the figures of an image', () => {
  it.each([
    [{ problem: 'shape-mismatch' }, 'shape-mismatch'],
    [{ problem: 'zero-reference' }, 'zero-reference'],
    [{ values: 0 }, 'no value was compared'],
    [{ not_finite: 3 }, '3 values are not finite'],
    [{ reference_not_finite: 1 }, '1 values of the reference are not finite'],
    [{ max_abs_error: Number.NaN }, 'max_abs_error is NaN'],
    [{ max_abs_error: -1 }, 'max_abs_error is -1'],
    [{ cosine: Number.NaN }, 'cosine is NaN'],
    [{ cosine: 1.1 }, 'cosine is 1.1'],
    [{ nmse_percent: 1e-5 }, 'nmse_percent is 0.00001 and does not belong to nmse 0.00001'],
    [{ relative_l2: 1e-5 }, 'relative_l2 is 0.00001 and does not belong to nmse 0.00001'],
    [{ nmse: 1e-6 }, 'nmse_percent is 0.001 and does not belong to nmse 0.000001'],
    [
      { relative_l2: Number.POSITIVE_INFINITY },
      'relative_l2 is Infinity and does not belong to nmse 0.00001',
    ],
    [{ relative_l2: Number.NaN }, 'relative_l2 is NaN and does not belong to nmse 0.00001'],
  ])('fail with %j', (fields, problem) => {
    const verdict = judgeRun(changed(accuracyRun(), 'accuracy.image', fields));
    expect(failing(verdict)).toEqual(['NMSE of last_hidden_state']);
    expect(ruleOf(verdict, 'NMSE of last_hidden_state').note).toContain(
      `figures of last_hidden_state: photos/cat.jpg (image 0) in batches of 1: ${problem}`,
    );
  });
});

describe('the totals', () => {
  it('must be there, once', () => {
    const missing = judgeRun(without(accuracyRun(), 'accuracy.total', 1));
    expect(failing(missing)).toEqual(['NMSE of cls']);
    expect(ruleOf(missing, 'NMSE of cls')).toMatchObject({ status: 'MISSING' });
    expect(ruleOf(missing, 'NMSE of cls').note).toContain(
      'totals of cls: accuracy.total is not in the log; worst: ',
    );

    const log = accuracyRun();
    const total = log.filter(({ record }) => record === 'accuracy.total').slice(0, 1);
    const twice = judgeRun(withMore(log, ...total));
    expect(ruleOf(twice, 'NMSE of last_hidden_state').note).toContain('they are there more than once');
  });

  it.each([
    ['comparisons', 3],
    ['mean_nmse', 2.4e-5],
    ['mean_nmse_percent', 2.4e-3],
    ['max_nmse', 3e-5],
    ['max_nmse_percent', 3e-3],
    ['mean_relative_l2', 1e-3],
    ['max_relative_l2', 1e-3],
    ['mean_cosine', 0.9999],
    ['min_cosine', 0.9999],
    ['max_abs_error', 0.004],
    ['not_finite', 1],
    ['max_nmse', Number.NaN],
    ['max_nmse', Number.POSITIVE_INFINITY],
  ])('must be what the images make them: %s is not %d', (name, value) => {
    const verdict = judgeRun(changed(accuracyRun(), 'accuracy.total', { [name]: value }));
    expect(failing(verdict)).toEqual(['NMSE of last_hidden_state']);
    expect(ruleOf(verdict, 'NMSE of last_hidden_state').note).toContain(
      `totals of last_hidden_state: ${name} is ${value}, the images make it`,
    );
  });

  it('are not blamed for a NaN that the images have', () => {
    const broken = figures(Number.NaN);
    const log = changed(
      changed(accuracyRun(), 'accuracy.image', { ...broken, not_finite: 1, problem: 'not-finite' }),
      'accuracy.total',
      {
        mean_nmse: Number.NaN,
        mean_nmse_percent: Number.NaN,
        max_nmse: Number.NaN,
        max_nmse_percent: Number.NaN,
        mean_relative_l2: Number.NaN,
        max_relative_l2: Number.NaN,
        not_finite: 1,
      },
    );
    const { note } = ruleOf(judgeRun(log), 'NMSE of last_hidden_state');
    expect(note).toContain('not-finite');
    expect(note).not.toContain('totals');
  });
});
