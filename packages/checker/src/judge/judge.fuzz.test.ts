import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseLog } from '../parse-log.js';
import type { EvaluationRecord, LogRecord, RecordName, RecordOf } from '../records.js';
import { recounted, wholeLog } from '../testing/example-runs.js';
import { anyRecord } from '../testing/record-arbitraries.js';
import { judge } from './judge.js';

const log = wholeLog();

it('no records in any order pass by chance, nor make the judge throw', () => {
  const damaged = fc.record({
    record: fc.constant('log.damaged' as const),
    line: fc.nat(),
    message: fc.string({ unit: 'binary' }),
  });
  const records: fc.Arbitrary<LogRecord> = fc.oneof(
    { arbitrary: anyRecord, weight: 4 },
    { arbitrary: fc.constantFrom(...log), weight: 4 },
    // Such as belong into the runs, with anything in them.
    {
      arbitrary: fc.tuple(anyRecord, fc.constantFrom(...log)).map(([one, { run }]) => ({ ...one, run })),
      weight: 4,
    },
    { arbitrary: damaged, weight: 1 },
  );
  fc.assert(
    fc.property(fc.array(records, { maxLength: 60 }), (some) => judge(some).result === 'FAIL'),
    { numRuns: 300 },
  );
});

it('a good log with values changed passes only if what was asked of it still holds', () => {
  const value = fc.oneof(
    fc.constantFrom<unknown>(0, 1, 2, 3, 4, 5, 1e-5, 0.009, 0.011, -1, Number.NaN, Number.POSITIVE_INFINITY),
    fc.constantFrom<unknown>(
      true,
      false,
      undefined,
      'cpu',
      'acl-native:fp16@0',
      'cls',
      'candidate',
      'complete',
    ),
    fc.constantFrom<unknown>('run-of-accuracy', 'run-of-performance', [1], [1, 2], [1, 4], ['cpu'], 'other'),
  );
  const change = fc.tuple(fc.nat({ max: log.length - 1 }), fc.nat(), value);
  const passed = new Set<string>();
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), fc.boolean(), (changes, isRecounted) => {
      const records = changes.reduce((before, [at, key, put]) => withValue(before, at, key, put), log);
      const found = parseLog(jsonLines(isRecounted ? recounted(records) : records));
      if (judge(found).result === 'PASS') {
        expect(reasonsToFail(found)).toEqual([]);
        passed.add(JSON.stringify(changes));
      }
    }),
    { numRuns: 1500 },
  );
  // Some values matter to nobody, such as a time or a name: else this would say nothing.
  expect(passed.size).toBeGreaterThan(10);
});

it('of the text of a log with one number changed', () => {
  expect(reasonsToFail(log)).toEqual([]);
  const plain = log.map((record) => JSON.stringify(record));
  fc.assert(
    fc.property(fc.nat({ max: plain.length - 1 }), fc.nat({ max: 30 }), fc.double(), (at, nth, put) => {
      let seen = 0;
      const line = (plain[at] ?? '').replace(/(?<=:)-?\d[\d.e+-]*/g, (number) =>
        seen++ === nth ? (Number.isFinite(put) ? String(put) : `"${put}"`) : number,
      );
      const records = parseLog(plain.with(at, line).join('\n'));
      if (judge(records).result === 'PASS') {
        expect(reasonsToFail(records)).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
});

function jsonLines(records: readonly EvaluationRecord[]): string {
  const lines = records.map((record) =>
    JSON.stringify(record, (_, value) =>
      Number.isFinite(value) || typeof value !== 'number' ? value : `${value}`,
    ),
  );
  return lines.join('\n');
}

function withValue(records: readonly EvaluationRecord[], at: number, key: number, put: unknown) {
  const record = records[at];
  if (record === undefined) return [...records];
  const keys = Object.keys(record).filter((name) => name !== 'record');
  const name = keys[key % keys.length] ?? 'run';
  return records.with(at, { ...record, [name]: put } as EvaluationRecord);
}

/** What of the demands a log does not meet, told without the code under test and with no regard for words. */
function reasonsToFail(found: readonly LogRecord[]): string[] {
  const records = found.filter((record) => record.record !== 'log.damaged');
  if (records.length < found.length) return ['no damaged line'];
  const reasons = new Set<string>();
  const must = (holds: boolean, reason: string) => {
    if (!holds) reasons.add(reason);
  };
  const plans = only(records, 'run.plan');
  must(plans.length === 2, 'two plans');
  const accuracy = plans.find((plan) => plan.kind === 'accuracy');
  const performance = plans.find((plan) => plan.kind === 'performance');
  if (accuracy?.kind !== 'accuracy' || performance?.kind !== 'performance') return ['one run of each kind'];
  must(accuracy.run !== performance.run, 'two runs');
  for (const plan of plans) {
    const own = records.filter(({ run }) => run === plan.run);
    const end = own.at(-1);
    must(own[0] === plan, 'the plan first');
    must(
      end?.record === 'run.end' && end.status === 'complete' && end.records === own.length - 1,
      'a complete end',
    );
    must(only(own, 'run.environment').length === 1, 'one environment');
  }
  must(
    records.every(({ run }) => run === accuracy.run || run === performance.run),
    'no other run',
  );
  must(only(records, 'run.error').length === 0, 'no error');
  for (const key of ['model', 'revision', 'weights', 'synthetic', 'height', 'width'] as const) {
    must(accuracy[key] === performance[key], `the same ${key}`);
  }
  const sorted = (names: readonly string[]) => [...new Set(names)].sort().join('\n');
  must(sorted([accuracy.reference, accuracy.candidate]) === sorted(performance.devices), 'the same devices');

  const once = (name: RecordName, keys: readonly string[], planned: readonly string[]) => {
    const found = records
      .filter(({ record }) => record === name)
      .map((record) => keys.map((key) => Reflect.get(record, key)).join(' '));
    must(found.toSorted().join('\n') === planned.toSorted().join('\n'), `${name} as planned`);
  };
  const across = (...axes: readonly (readonly (string | number)[])[]) =>
    axes.reduce<string[]>(
      (places, axis) => places.flatMap((place) => axis.map((value) => `${place} ${value}`.trim())),
      [''],
    );
  // A plan that asks for more than a log of this size holds is not worked through.
  const upTo = (size: number) => Array.from({ length: Math.min(size, 100) }, (_, index) => index);
  const images = upTo(accuracy.images);
  const batches = [...new Set(accuracy.batches)];
  once('accuracy.image', ['index', 'batch', 'tensor'], across(images, batches, ['last_hidden_state', 'cls']));
  once('accuracy.layer', ['index', 'layer'], across(images, upTo(accuracy.layers)));
  once('accuracy.stability', ['index', 'batch'], accuracy.stability > 0 ? across(images, batches) : []);
  once('accuracy.total', ['tensor'], ['last_hidden_state', 'cls']);
  once('accuracy.drift', [], accuracy.layers > 0 ? [''] : []);
  const measured = across([...new Set(performance.devices)], [...new Set(performance.batches)]);
  once('performance.batch', ['device', 'batch'], measured);
  once('performance.end_to_end', ['device', 'batch'], performance.end_to_end ? measured : []);
  once('performance.device', ['device'], [...new Set(performance.devices)]);
  once('performance.preprocessing', [], ['']);

  const bound = accuracy.max_nmse;
  const layerBound = accuracy.max_layer_nmse ?? bound;
  must(Number.isFinite(bound) && bound > 0 && Number.isFinite(layerBound) && layerBound > 0, 'bounds');
  for (const record of records) {
    if (record.record === 'accuracy.image' || record.record === 'accuracy.layer') {
      const limit = record.record === 'accuracy.layer' ? layerBound : bound;
      must(record.nmse >= 0 && record.nmse <= limit, 'every NMSE within its bound');
      must(record.not_finite + record.reference_not_finite === 0 && record.values > 0, 'finite values');
      must(record.problem === undefined, 'no problem');
    }
    if (record.record === 'accuracy.stability') {
      must(record.max_nmse >= 0 && record.max_nmse <= bound && record.not_finite === 0, 'stable answers');
      must(record.runs === accuracy.stability, 'as many runs as planned');
    }
    if (record.record === 'accuracy.total') {
      must(
        record.max_nmse >= 0 && record.max_nmse <= bound && record.comparisons > 0,
        'totals within the bound',
      );
    }
    if (record.record === 'performance.batch') {
      must(record.n >= performance.min_iterations, 'enough runs');
      must(record.seconds >= performance.min_seconds * 0.98, 'enough time');
      must(record.concurrency === performance.concurrency, 'the concurrency');
      must(
        record.median_ms > 0 && record.images_per_second > 0 && record.images_per_second < Infinity,
        'speeds',
      );
    }
  }
  return [...reasons];
}

function only<Name extends RecordName>(records: readonly EvaluationRecord[], name: Name): RecordOf<Name>[] {
  return records.filter((record): record is RecordOf<Name> => record.record === name);
}
