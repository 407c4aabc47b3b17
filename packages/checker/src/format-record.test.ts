import { describe, expect, it } from 'vitest';
import { formatJsonLine, formatRecord } from './format-record.js';
import { parseLog } from './parse-log.js';
import type { RecordOf } from './records.js';
import { performanceRun } from './testing/example-runs.js';

const error = (message: string): RecordOf<'run.error'> => ({
  record: 'run.error',
  run: 'r',
  code: 'X',
  message,
});

describe('a line of logfmt', () => {
  it('is the name and key=value, with what is undefined left out', () => {
    const record = { ...error('no room'), device: 'cpu', batch: undefined, index: 0 };
    expect(formatRecord(record)).toBe('run.error run=r code=X message="no room" device=cpu index=0');
  });

  it.each([
    ['plain', 'plain'],
    ['Größe/写真.jpg', 'Größe/写真.jpg'],
    ['2.8e-05', '2.8e-05'],
    ['', '""'],
    ['two words', '"two words"'],
    ['a=b', '"a=b"'],
    ['say "x"', '"say \\"x\\""'],
    ['C:\\photos', '"C:\\\\photos"'],
    ['one\ntwo\r\n', '"one\\ntwo\\r\\n"'],
    ['\u001B[2J', '"\\u001b[2J"'],
    ['\u009B2J', '"\\u009b2J"'],
    ['\u007F', '"\\u007f"'],
    ['a\u2028b\u2029c\u0085d', '"a\\u2028b\\u2029c\\u0085d"'],
    ['\u00A0', '"\u00A0"'],
    ['gnp\u202Eexe', '"gnp\\u202eexe"'],
    ['\uD800', '"\\ud800"'],
    ['\u{E0001}', '"\\udb40\\udc01"'],
    ['\uFEFF', '"\\ufeff"'],
  ])('quotes %j as needed', (message, written) => {
    expect(formatRecord(error(message))).toBe(`run.error run=r code=X message=${written}`);
    expect(parseLog(formatRecord(error(message)))).toEqual([error(message)]);
  });

  it.each([
    [[1, 4, 8], ['cpu', 'acl-native:fp16@1'], 'batches=1,4,8', 'devices="cpu acl-native:fp16@1"'],
    [[16], ['cpu'], 'batches=16', 'devices=cpu'],
    [[1], ['my device', 'cpu'], 'batches=1', 'devices="[\\"my device\\",\\"cpu\\"]"'],
    [[1], ['[x'], 'batches=1', 'devices="[\\"[x\\"]"'],
    [[1], ['', 'cpu'], 'batches=1', 'devices="[\\"\\",\\"cpu\\"]"'],
  ])('writes the lists %j and %j', (batches, devices, writtenBatches, writtenDevices) => {
    const [plan] = performanceRun();
    const record = { ...plan, batches, devices } as RecordOf<'run.plan'>;
    const line = formatRecord(record);
    expect(line).toContain(` ${writtenBatches} `);
    expect(line).toContain(` ${writtenDevices} `);
    expect(parseLog(line)).toEqual([record]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 1e21, 0.1 + 0.2])(
    'keeps the number %d as it is',
    (seconds) => {
      const end = { record: 'run.end', run: 'r', records: 1, seconds, status: 'complete' } as const;
      expect(parseLog(formatRecord(end))).toEqual([end]);
    },
  );

  it('says last how a run ended, so that no part of an end is an end', () => {
    const line = formatRecord({
      record: 'run.end',
      run: 'r',
      status: 'complete',
      records: 12,
      seconds: 12.5,
    });
    expect(line).toBe('run.end run=r records=12 seconds=12.5 status=complete');
    for (let length = 0; length < line.length; length++) {
      const records = parseLog(line.slice(0, length));
      expect(records.filter(({ record }) => record === 'run.end')).toEqual([]);
    }
  });
});

describe('a line of JSON', () => {
  it('has the fields of the record, and words for the numbers that JSON does not know', () => {
    const end = { record: 'run.end', run: 'r', status: 'complete', records: 1, seconds: Number.NaN } as const;
    expect(formatJsonLine(end)).toBe(
      '{"record":"run.end","run":"r","status":"complete","records":1,"seconds":"NaN"}',
    );
    expect(parseLog(formatJsonLine(end))).toEqual([end]);
  });

  it('holds no character that a terminal or a reader of lines would act on', () => {
    const record = error('a\u2028b\u009Bc\u007Fd\n"\\');
    expect(formatJsonLine(record)).toBe(
      '{"record":"run.error","run":"r","code":"X","message":"a\\u2028b\\u009bc\\u007fd\\n\\"\\\\"}',
    );
    expect(JSON.parse(formatJsonLine(record))).toEqual(record);
  });
});
