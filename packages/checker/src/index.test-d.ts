import { expectTypeOf, test } from 'vitest';
import {
  type DamagedRecord,
  type EvaluationRecord,
  formatRecord,
  formatVerdict,
  judge,
  type LogRecord,
  parseLog,
  parseThresholds,
  type RecordName,
  type RecordOf,
  type Rule,
  type RunKind,
  type Thresholds,
  type Verdict,
} from './index.js';

test('a log becomes records, records a verdict, a verdict text', () => {
  expectTypeOf(parseLog).parameters.toEqualTypeOf<[string]>();
  expectTypeOf(parseLog).returns.toEqualTypeOf<LogRecord[]>();
  expectTypeOf(judge).toBeCallableWith(parseLog(''), parseThresholds('{}'), { expect: ['accuracy'] });
  expectTypeOf(judge).returns.toEqualTypeOf<Verdict>();
  expectTypeOf(formatVerdict).parameter(0).toEqualTypeOf<Verdict>();
});

test('the name of a record tells its fields, the kind of a plan what was planned', () => {
  expectTypeOf<LogRecord['record']>().toEqualTypeOf<RecordName | 'log.damaged'>();
  expectTypeOf<RecordOf<'run.end'>['status']>().toEqualTypeOf<'complete' | 'interrupted' | 'failed'>();
  expectTypeOf<RecordOf<'accuracy.image'>['nmse']>().toEqualTypeOf<number>();
  expectTypeOf<RecordOf<'run.plan'>['kind']>().toEqualTypeOf<RunKind>();
  expectTypeOf<Extract<RecordOf<'run.plan'>, { kind: 'performance' }>['devices']>().toEqualTypeOf<string[]>();
  expectTypeOf<EvaluationRecord | DamagedRecord>().toEqualTypeOf<LogRecord>();
  expectTypeOf<DamagedRecord['schema']>().toEqualTypeOf<number | undefined>();
});

test('a line is made of records only, not of damaged ones', () => {
  expectTypeOf(formatRecord).parameters.toEqualTypeOf<[EvaluationRecord]>();
  expectTypeOf(formatRecord).returns.toEqualTypeOf<string>();
});

test('every threshold may be absent; a rule passes, fails or is missing', () => {
  expectTypeOf(judge).toBeCallableWith([], {});
  expectTypeOf<Thresholds['maxNmse']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Rule['status']>().toEqualTypeOf<'PASS' | 'FAIL' | 'MISSING'>();
  expectTypeOf<Verdict['result']>().toEqualTypeOf<'PASS' | 'FAIL'>();
});
