import { describe, expect, it } from 'vitest';
import { accuracyRun, changed, performanceRun } from '../testing/example-runs.js';
import { failing, ruleOf } from '../testing/rule-of.js';
import { judge } from './judge.js';

describe('both runs are of one model', () => {
  it.each([
    ['model', 'facebook/webssl-dino1b-full2b-224'],
    ['revision', 'fedcba9876543210'],
    ['revision', undefined],
    ['weights', 'sha256:5678'],
    ['synthetic', true],
    ['height', 378],
    ['width', 378],
  ])('%s', (key, value) => {
    const verdict = judge([...accuracyRun(), ...changed(performanceRun(), 'run.plan', { [key]: value })]);
    expect(failing(verdict)).toEqual(['same model']);
    expect(ruleOf(verdict, 'same model').note).toMatch(
      new RegExp(`^${key} of the accuracy run is .*, of the performance run ${value ?? 'not given'}$`),
    );
  });

  it('synthetic weights are told', () => {
    const log = [accuracyRun(), performanceRun()].flatMap((run) =>
      changed(run, 'run.plan', { synthetic: true }),
    );
    expect(ruleOf(judge(log), 'same model')).toMatchObject({ status: 'PASS', note: 'synthetic weights' });
  });
});

describe('both runs are on the same devices', () => {
  it('by their names', () => {
    const verdict = judge([...accuracyRun(), ...performanceRun({ devices: ['cpu'] })]);
    expect(failing(verdict)).toEqual(['same devices']);
    expect(ruleOf(verdict, 'same devices').note).toBe('acl-native:fp16@0 is not in the performance run');
    const more = judge([
      ...accuracyRun(),
      ...performanceRun({ devices: ['cpu', 'acl-native:fp16@0', 'npu'] }),
    ]);
    expect(ruleOf(more, 'same devices').note).toBe('npu is not in the accuracy run');
  });

  it('with the same reference', () => {
    const swapped = changed(performanceRun(), 'run.plan', { devices: ['acl-native:fp16@0', 'cpu'] });
    expect(ruleOf(judge([...accuracyRun(), ...swapped]), 'same devices').note).toBe(
      'the reference of the accuracy run, cpu, is not the first device of the performance run',
    );
  });

  it.each(['backend', 'name', 'precision', 'library', 'isolation', 'details'])(
    'by what they turned out to be: %s',
    (key) => {
      const other = changed(performanceRun(), 'run.device', { [key]: 'other' }, 1);
      const verdict = judge([...accuracyRun(), ...other]);
      expect(failing(verdict)).toEqual(['same devices']);
      expect(ruleOf(verdict, 'same devices').note).toMatch(
        new RegExp(`^same hardware: ${key} of acl-native:fp16@0 is .* and other$`),
      );
    },
  );
});

describe('both runs are of one machine and one version', () => {
  it.each(['platform', 'arch', 'os', 'cpu', 'node'])('%s', (key) => {
    const other = changed(performanceRun(), 'run.environment', { [key]: 'other' });
    const verdict = judge([...accuracyRun(), ...other]);
    expect(failing(verdict)).toEqual(['same devices']);
    expect(ruleOf(verdict, 'same devices').note).toMatch(
      new RegExp(`^same machine: ${key} is .* and other$`),
    );
  });

  it('of webssl', () => {
    const other = changed(performanceRun(), 'run.plan', { version: '99.0.0' });
    expect(ruleOf(judge([...accuracyRun(), ...other]), 'same devices')).toMatchObject({
      status: 'FAIL',
      note: expect.stringMatching(/webssl is .* and 99\.0\.0/),
    });
  });
});

describe('batches that were measured and not compared', () => {
  const log = [...accuracyRun(), ...performanceRun()];

  it('are told', () => {
    expect(ruleOf(judge(log), 'same batches')).toMatchObject({
      status: 'PASS',
      measured: '1 of 2',
      note: expect.stringMatching(/^measured and not compared: batches of 4;/),
    });
  });

  it('fail where they must not be', () => {
    expect(failing(judge(log, { requireComparedBatches: true }))).toEqual(['same batches']);
    const compared = log.map((record) =>
      record.record === 'run.plan' && record.kind === 'accuracy' ? { ...record, batches: [1, 2, 4] } : record,
    );
    expect(failing(judge(compared, { requireComparedBatches: true }))).not.toContain('same batches');
  });
});
