import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatVerdict } from './format-verdict.js';
import { judge } from './judge/judge.js';
import { parseLog } from './parse-log.js';
import type { EvaluationRecord } from './records.js';
import { accuracyRun, figures, performanceRun, recounted, wholeLog } from './testing/example-runs.js';
import { logText } from './testing/log-text.js';
import type { Verdict } from './verdict.js';

const log = wholeLog();
const text = logText(log);
const lines = text.split('\n').slice(0, -1);

function verdictOf(written: string): Verdict {
  return judge(parseLog(written));
}

/** All of it, as the command does. */
function survives(written: string): string {
  return formatVerdict(verdictOf(written));
}

it('the log that the others are made from passes', () => {
  expect(verdictOf(text)).toEqual(judge(log));
  expect(verdictOf(text).result).toBe('PASS');
});

describe('no text makes the checker throw', () => {
  const word = fc.constantFrom(
    ...[
      'run.plan',
      'run.end',
      'accuracy.image',
      'run=',
      'nmse=NaN',
      'schema=1',
      'batches=',
      '="',
      '{"record":',
    ],
    ...[
      '"',
      '\\',
      '\\u',
      '=',
      ' ',
      '\n',
      '\r',
      '\uFEFF',
      '\u2028',
      '__proto__=1',
      'constructor',
      '[',
      '}',
      '\ud800',
    ],
  );

  it('of words that it knows and characters that it does not', () => {
    const written = fc.array(fc.oneof(word, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 60 });
    fc.assert(
      fc.property(written, (parts) => {
        expect(survives(parts.join(''))).toMatch(/RESULT: FAIL$/);
      }),
      { numRuns: 500 },
    );
  });

  it('made from a good log', () => {
    const place = fc.nat({ max: text.length - 1 });
    const edit = fc.oneof(
      place.map((at) => (whole: string) => whole.slice(0, at)),
      fc.tuple(place, fc.string({ unit: 'binary', maxLength: 3 })).map(
        ([at, put]) =>
          (whole: string) =>
            whole.slice(0, at) + put + whole.slice(at + put.length),
      ),
      fc.tuple(place, fc.nat({ max: 300 })).map(
        ([at, length]) =>
          (whole: string) =>
            whole.slice(0, at) + whole.slice(at + length),
      ),
      fc.tuple(place, fc.integer({ min: 0, max: 9 })).map(
        ([at, digit]) =>
          (whole: string) =>
            whole.slice(0, at) + whole.slice(at).replace(/\d/, String(digit)),
      ),
      place.map(
        (at) => (whole: string) =>
          whole.slice(0, at) +
          whole
            .slice(at, at + 2)
            .split('')
            .reverse()
            .join('') +
          whole.slice(at + 2),
      ),
      fc.tuple(place, place).map(
        ([from, to]) =>
          (whole: string) =>
            whole.slice(0, to) + whole.slice(from, from + 400) + whole.slice(to),
      ),
    );
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (edits) => {
        expect(survives(edits.reduce((whole, change) => change(whole), text))).toMatch(
          /RESULT: (PASS|FAIL)$/,
        );
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['a quoted value without an end', `run.error run="${'\\n'.repeat(500_000)}`],
    ['a quoted value of escapes', `run.error run="${'\\\\'.repeat(500_000)}"`],
    ['a quoted value that runs on', `run.error run="${'\\"'.repeat(500_000)}"x`],
    ['quotes', `run.error run=${'"'.repeat(1_000_000)}`],
    ['many quoted values', `run.error ${'a="b" '.repeat(170_000)}`],
    ['many keys', `run.error ${Array.from({ length: 90_000 }, (_, key) => `k${key}=1`).join(' ')}`],
    ['white space', `run.error${' '.repeat(1_000_000)}=`],
    ['one word', `run.error ${'a'.repeat(1_000_000)}`],
    ['letters like those of a name', 'a.'.repeat(500_000)],
    ['nested arrays', `{"record":"run.end","run":${'['.repeat(1_000_000)}`],
    ['nested objects', '{"a":'.repeat(200_000)],
    ['lone carriage returns', '\r'.repeat(1_000_000)],
    ['a line that is too long', `run.error ${'a=b '.repeat(1_000_000)}`],
    ['a JSON line that is too long', `{"record":"run.error","run":"${'a'.repeat(2_000_000)}"}`],
  ])('a long line of %s is no record, and the rest is still read', (_, hostile) => {
    const records = parseLog(`${text}${hostile}\n${text}`);
    expect(records.filter(({ record }) => record !== 'log.damaged')).toEqual([...log, ...log]);
  });

  it('of as many names as a line holds, under every threshold', () => {
    const devices = Array.from({ length: 80_000 }, (_, device) => `device${device}`).join(' ');
    const hostile = text
      .replace(/^(run\.plan .*kind=performance .*devices=)"[^"]*"/m, `$1"${devices}"`)
      .replace(/^(run\.plan .*kind=performance .*batches=)\S*/m, `$1${'1,'.repeat(100_000)}4`);
    expect(hostile.length).toBeGreaterThan(800_000);
    const thresholds = {
      minImagesPerSecond: 1,
      maxLatencyMilliseconds: 1,
      minSpeedUp: 1,
      requireStable: true,
    };
    expect(judge(parseLog(hostile), thresholds).result).toBe('FAIL');
  });
});

describe('a log that lacks something fails', () => {
  it.each(lines.map((line, at) => [at + 1, line.slice(0, 60)] as const))('without line %d: %s', (number) => {
    expect(verdictOf(lines.toSpliced(number - 1, 1).join('\n')).result).toBe('FAIL');
  });

  it.each(lines.map((line, at) => [at + 1, line.slice(0, 60)] as const))(
    'with line %d twice: %s',
    (number) => {
      const line = lines[number - 1] ?? '';
      expect(verdictOf(lines.toSpliced(number - 1, 0, line).join('\n')).result).toBe('FAIL');
      expect(verdictOf([...lines, line].join('\n')).result).toBe('FAIL');
    },
  );

  it('cut off anywhere before its last line is whole', () => {
    const passes = (length: number) => verdictOf(text.slice(0, length)).result === 'PASS';
    const whole = text.trimEnd().length;
    const last = text.lastIndexOf('run.end');
    for (let length = last; length < whole; length++)
      expect({ length, passes: passes(length) }).toEqual({ length, passes: false });
    fc.assert(
      fc.property(fc.nat({ max: last }), (length) => !passes(length)),
      { numRuns: 200 },
    );
    expect(passes(whole)).toBe(true);
  });

  it.each([
    ['NaN', Number.NaN],
    ['infinite', Number.POSITIVE_INFINITY],
    ['above the bound', 0.0101],
    ['negative', -1e-12],
  ])('with any NMSE that is %s', (_, nmse) => {
    for (const [at, record] of log.entries()) {
      const worse =
        'nmse' in record
          ? [
              { ...record, nmse },
              { ...record, ...figures(nmse) },
            ]
          : 'worst_nmse' in record
            ? [{ ...record, worst_nmse: nmse }]
            : 'max_nmse' in record && record.record !== 'run.plan'
              ? [{ ...record, max_nmse: nmse }]
              : [];
      for (const one of worse) {
        expect({ at, ...judge(log.with(at, one)) }).toMatchObject({ at, result: 'FAIL' });
        expect({ at, ...verdictOf(logText(log.with(at, one))) }).toMatchObject({ at, result: 'FAIL' });
      }
    }
  });

  it('and passes only when each record is there once, its plan first and its end last', () => {
    const few = fc.uniqueArray(fc.nat({ max: log.length - 1 }), { maxLength: 2 });
    const chosen = fc.oneof(
      fc.shuffledSubarray(log),
      fc
        .tuple(few, few, fc.boolean(), fc.shuffledSubarray(log, { minLength: log.length }))
        .map(([dropped, doubled, isOrdered, shuffled]) => {
          const kept = shuffled.flatMap((record) => {
            const at = log.indexOf(record);
            return dropped.includes(at) ? [] : doubled.includes(at) ? [record, record] : [record];
          });
          return isOrdered ? kept.toSorted((left, right) => rank(left) - rank(right)) : kept;
        }),
    );
    const seen = { PASS: 0, FAIL: 0 };
    fc.assert(
      fc.property(chosen, (records) => {
        const { result } = verdictOf(logText(records));
        expect(result).toBe(isWhole(records) ? 'PASS' : 'FAIL');
        // Nor does it help when the end counts what is there.
        expect(judge(recounted(records)).result).toBe(result);
        seen[result]++;
      }),
      { numRuns: 300 },
    );
    expect(seen.PASS).toBeGreaterThan(0);
    expect(seen.FAIL).toBeGreaterThan(0);
  });
});

function rank({ record }: EvaluationRecord): number {
  return record === 'run.plan' ? 0 : record === 'run.end' ? 2 : 1;
}

/** What a log must hold to pass, told without the code under test. */
function isWhole(records: readonly EvaluationRecord[]): boolean {
  const isThereOnce = log.every((record) => records.filter((one) => one === record).length === 1);
  const inOrder = ['run-of-accuracy', 'run-of-performance'].every((id) => {
    const own = records.filter(({ run }) => run === id);
    return own[0]?.record === 'run.plan' && own.at(-1)?.record === 'run.end';
  });
  return isThereOnce && inOrder;
}

describe('what stands between the records does not matter', () => {
  const foreign = fc.constantFrom(
    ...[
      '',
      '  ',
      '(node:1) ExperimentalWarning: x',
      'accuracy: 3 of 8',
      '{"level":"info","msg":"ready"}',
      '{',
      '# run.plan',
    ],
    ...['RESULT: PASS', '\uFEFF', 'nmse=NaN', 'run.plans run=1', '[run.plan] run=1', '{"record":"other"}'],
  );
  const lineEnd = fc.constantFrom('\n', '\r\n');
  const before = fc.constantFrom('', '', '\uFEFF', ' 50 %\r 99 %\r', '\t', '\uFEFF\uFEFF');

  it('foreign lines, line ends, progress bars, byte order marks, white space', () => {
    const noise = fc.array(fc.record({ foreign: fc.array(foreign, { maxLength: 2 }), before, lineEnd }), {
      minLength: lines.length,
      maxLength: lines.length,
    });
    const expected = verdictOf(text);
    fc.assert(
      fc.property(noise, (around) => {
        const written = around.flatMap((one, at) => [
          ...one.foreign.map((line) => line + one.lineEnd),
          one.before + lines[at] + one.lineEnd,
        ]);
        expect(verdictOf(written.join(''))).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('which run comes first, or whether their records alternate', () => {
    const accuracy = accuracyRun({ layers: 3, stability: 2 });
    const performance = performanceRun({ endToEnd: true });
    const expected = verdictOf(text);
    expect(verdictOf(logText([...performance, ...accuracy]))).toEqual(expected);
    const turns = fc.array(fc.boolean(), { minLength: log.length, maxLength: log.length });
    fc.assert(
      fc.property(turns, (isAccuracy) => {
        const left = { accuracy: [...accuracy], performance: [...performance] };
        const merged = isAccuracy.flatMap((first) => {
          const next = left[first ? 'accuracy' : 'performance'].shift();
          return next === undefined ? [] : [next];
        });
        const written = logText([...merged, ...left.accuracy, ...left.performance]);
        expect(verdictOf(written)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('whether they are logfmt or JSON', () => {
    const json = log.map((record) => JSON.stringify(record));
    expect(parseLog(json.join('\n'))).toEqual(parseLog(text));
    expect(parseLog(json.map((line, at) => (at % 2 === 0 ? line : (lines[at] ?? ''))).join('\r\n'))).toEqual(
      log,
    );
  });
});
