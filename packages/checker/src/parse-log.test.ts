import { describe, expect, it } from 'vitest';
import { parseLog } from './parse-log.js';
import { performanceRun, wholeLog } from './testing/example-runs.js';
import { logText } from './testing/log-text.js';

const error = 'run.error run=r code=X message=y';
const parsedError = { record: 'run.error', run: 'r', code: 'X', message: 'y' };

describe('a log of logfmt lines', () => {
  it('is read as it was written', () => {
    expect(parseLog(logText(wholeLog()))).toEqual(wholeLog());
  });

  it.each([
    ['\\n', '\n'],
    ['\\r\\n', '\r\n'],
    ['\\r', '\r'],
  ])('may have lines that end in %s', (_, end) => {
    expect(parseLog(logText(wholeLog()).replaceAll('\n', end))).toEqual(wholeLog());
  });

  it('may begin with a byte order mark, also in its middle, and need not end its last line', () => {
    const text = logText(wholeLog());
    expect(parseLog(`\uFEFF${text}\uFEFF${text}`.trimEnd())).toEqual([...wholeLog(), ...wholeLog()]);
  });

  it('may have lines of others between', () => {
    const foreign = [
      '',
      'npm warn deprecated',
      ' 50 %|#####     | 5/10\r',
      'accuracy.images run=r',
      'xaccuracy.image run=r',
      '2026-01-02 accuracy.image run=r nmse=0',
      'run.error: no such thing',
      '[1,2]',
      '{"level":"info","message":"run.plan"}',
      '{"record":"run.planned"}',
      '{"record":5}',
      '{"record":',
      '"accuracy.image"',
      'toString run=r',
      '__proto__ run=r',
      '\u001B[32maccuracy.image\u001B[0m',
      'a\u0000c\u0000c\u0000u\u0000r\u0000a\u0000c\u0000y\u0000',
    ];
    const text = wholeLog().flatMap((record) => [...foreign, logText([record])]);
    expect(parseLog(text.join('\n'))).toEqual(wholeLog());
  });

  it('may have indented records, and spaces behind them', () => {
    expect(parseLog(`\t  ${error}  \t`)).toEqual([parsedError]);
  });

  it('may have keys that this version does not know', () => {
    expect(parseLog(`${error} later=1 __proto__=2 constructor=3`)).toEqual([parsedError]);
  });
});

describe('JSON lines', () => {
  it('are read as records', () => {
    const json = performanceRun().map((record) => JSON.stringify(record));
    expect(parseLog(json.join('\n'))).toEqual(performanceRun());
  });

  it('may hold the numbers that JSON does not know as words', () => {
    const line = '{"record":"run.end","run":"r","status":"failed","records":1,"seconds":"-Infinity"}';
    expect(parseLog(line)).toEqual([
      { record: 'run.end', run: 'r', status: 'failed', records: 1, seconds: Number.NEGATIVE_INFINITY },
    ]);
  });

  it.each([
    ['{"record":"run.end","run":"r","status":"comp', 'run.end: not a whole JSON object'],
    ['{"record":"run.end","run":"r"', 'run.end: not a whole JSON object'],
    ['{"record":"run.error","run":"r","code":5,"message":""}', 'run.error: code is 5 (Invalid input: '],
    ['{"record":"run.error","run":"r","code":null,"message":""}', 'run.error: code is null (Invalid input: '],
    [
      '{"record":"run.error","run":"r","code":{"a":[]},"message":""}',
      'run.error: code is a list or an object (Invalid input: ',
    ],
  ])('that are damaged say what of them is: %s', (line, message) => {
    expect(parseLog(`\n${line}`)).toEqual([
      { record: 'log.damaged', line: 2, message: expect.stringContaining(message) },
    ]);
  });
});

describe('a damaged record tells its line, its name, the key and the problem', () => {
  it.each([
    ['run.error', 'run.error: run is missing; code is missing; message is missing'],
    ['run.error run=r code=X', 'run.error: message is missing'],
    [`${error} code=Z`, 'run.error: code is there twice'],
    ['run.error run=r code=X message', 'run.error: this is no key=value: message'],
    ['run.error run=r code=X message=', 'run.error: this is no key=value: message='],
    ['run.error run=r code=X message="y', 'run.error: this is no key=value: message="y'],
    ['run.error run=r code=X message="y"z', 'run.error: this is no key=value: message="y"z'],
    ['run.error run=r code=X message="\\q"', 'run.error: this is no key=value: message="\\q"'],
    ['run.error run=r code=X message=a=b', 'run.error: this is no key=value: message=a=b'],
    [`${error} index=-1`, 'run.error: index is "-1" (Too small: '],
    [`${error} index=1.5`, 'run.error: index is "1.5" (Invalid input: '],
    [`${error} index=one`, 'run.error: index is "one" (Invalid input: '],
    [`${error} batch=0`, 'run.error: batch is "0" (Too small: '],
    ['run.end run=r status=done records=1 seconds=1', 'run.end: status is "done" (Invalid option: '],
    [
      'run.end run=r status=complete records=1 seconds=0x10',
      'run.end: seconds is "0x10" (expected a number)',
    ],
    ['run.end run=r status=complete records=1 seconds=', 'run.end: this is no key=value: seconds='],
    ['run.end run="" status=complete records=1 seconds=1', 'run.end: run is "" (Too small: '],
    ['run.plan run=r kind=other schema=1', 'run.plan: kind is "other" (Invalid'],
  ])('%s', (line, message) => {
    expect(parseLog(`foreign\r\nprogress\r\n${line}\n`)).toEqual([
      { record: 'log.damaged', line: 3, message: expect.stringContaining(message) },
    ]);
  });

  it('counts lines as grep does, not the returns of a progress bar', () => {
    expect(parseLog('10 %\r20 %\r30 %\nrun.end\n')).toMatchObject([{ record: 'log.damaged', line: 2 }]);
  });
});

describe('a plan of another schema version', () => {
  it.each(['2', '0', '12'])('is recognised: %s', (schema) => {
    const [plan] = performanceRun();
    const line = logText(plan === undefined ? [] : [plan]).replace('schema=1', `schema=${schema}`);
    expect(parseLog(line)).toEqual([
      {
        record: 'log.damaged',
        line: 1,
        message: `run.plan: written with schema ${schema}, this checker reads 1`,
        schema: Number(schema),
      },
    ]);
  });

  it('is recognised when it has none of the keys of this one', () => {
    expect(parseLog('{"record":"run.plan","schema":7,"id":"x"}')).toMatchObject([{ schema: 7 }]);
  });

  it.each(['', ' schema=one', ' schema=1', ' schema=1.5'])('is not what a damaged plan is:%s', (schema) => {
    expect(parseLog(`run.plan run=r${schema}`)).toEqual([
      { record: 'log.damaged', line: 1, message: expect.not.stringContaining('written with') },
    ]);
  });
});

describe('long lines', () => {
  const million = 1_048_576;

  it.each([
    ['run.error run=r message=', 'x'],
    ['run.error run=r message="', 'x'],
    ['run.error run=r message="', '\\"'],
    ['run.error ', ' '],
    ['run.error ', 'a'],
    ['run.error ', 'a= '],
    ['run.error run=r message="', '\\'],
    ['{"record":"run.error","run":', '['],
  ])('%s%s... are damaged, not too much work', (start, unit) => {
    const line = start + unit.repeat(Math.floor((million - start.length) / unit.length) - 1);
    const records = parseLog(`${line}!\n${error}`);
    expect(records).toEqual([{ record: 'log.damaged', line: 1, message: expect.any(String) }, parsedError]);
    expect(JSON.stringify(records).length).toBeLessThan(500);
  });

  it('are not looked into beyond a million characters', () => {
    const message = `run.error: the line is longer than ${million} characters`;
    const long = 'x'.repeat(million);
    expect(parseLog(`${error}${long}\n{"record":"run.error","run":"${long}"}\n{${long}\n${long}`)).toEqual([
      { record: 'log.damaged', line: 1, message },
      { record: 'log.damaged', line: 2, message },
    ]);
  });
});
