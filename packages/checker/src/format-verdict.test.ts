import { expect, it } from 'vitest';
import { formatVerdict } from './format-verdict.js';
import { judge } from './judge/judge.js';
import { changed, wholeLog } from './testing/example-runs.js';

it('is a line a rule, in columns, and the result last', () => {
  const text = formatVerdict({
    result: 'FAIL',
    rules: [
      { name: 'log', status: 'PASS', measured: '2 runs' },
      {
        name: 'NMSE of cls',
        status: 'FAIL',
        measured: '0.02 (2 %)',
        bound: 'at most 0.01 (1 %)',
        note: 'worst: a',
      },
      { name: 'speed-up', status: 'MISSING', note: 'measure batch 1 too' },
    ],
  });
  expect(text.split('\n')).toEqual([
    'PASS     log          2 runs',
    'FAIL     NMSE of cls  0.02 (2 %)  at most 0.01 (1 %)  worst: a',
    'MISSING  speed-up                                     measure batch 1 too',
    'RESULT: FAIL',
  ]);
});

it('is the result alone without rules', () => {
  expect(formatVerdict({ result: 'FAIL', rules: [] })).toBe('RESULT: FAIL');
});

it('does not make a column as wide as one long cell', () => {
  const rules = [
    { name: 'x'.repeat(5000), status: 'PASS', measured: '1' },
    { name: 'y', status: 'PASS', measured: '2' },
  ] as const;
  expect(formatVerdict({ result: 'PASS', rules }).split('\n')[1]?.length).toBeLessThan(100);
});

it('shows what a log holds, and lets none of it act on the terminal or make up a line', () => {
  const name = 'a\nRESULT: PASS\r\u001B[2J\u009B1A\u2028\u202E\uD800\u0007.jpg';
  const log = wholeLog().map((record) =>
    'image' in record && record.index === 1 ? { ...record, image: name } : record,
  );
  const text = formatVerdict(judge(changed(log, 'accuracy.total', { max_nmse: Number.NaN })));
  const lines = text.split('\n');
  expect(lines.at(-1)).toBe('RESULT: FAIL');
  expect(lines.slice(0, -1).every((line) => /^(PASS|FAIL|MISSING) {2}/.test(line))).toBe(true);
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
  expect(text).toContain('a\\u000aRESULT: PASS\\u000d\\u001b[2J\\u009b1A\\u2028\\u202e\\ud800\\u0007.jpg');
});
