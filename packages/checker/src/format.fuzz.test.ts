import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatJsonLine, formatRecord } from './format-record.js';
import { formatVerdict } from './format-verdict.js';
import { parseLog } from './parse-log.js';
import { anyRecord, anyText } from './testing/record-arbitraries.js';
import type { Rule } from './verdict.js';

/** Whatever ends a line somewhere, moves a cursor, turns the direction of writing or is no UTF-8. */
const notPrinted = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

describe.each([
  ['logfmt', formatRecord],
  ['JSON', formatJsonLine],
])('every record as %s', (_, format) => {
  it('is one line without a character that does not show, and is read back as it was', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const line = format(record);
        expect(line).not.toMatch(notPrinted);
        expect(parseLog(line)).toStrictEqual([record]);
      }),
      { numRuns: 1500 },
    );
  });

  it('is read back between others', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 5 }), (records) => {
        const text = records.map((record) => `${format(record)}\r\n`).join('noise\n');
        expect(parseLog(text)).toStrictEqual(records);
      }),
    );
  });
});

it('a verdict has a line a rule and one more, and none of its characters acts on a terminal', () => {
  const status = fc.constantFrom('PASS', 'FAIL', 'MISSING');
  const rule: fc.Arbitrary<Rule> = fc.record(
    { name: anyText, status, measured: anyText, bound: anyText, note: anyText },
    { requiredKeys: ['name', 'status'] },
  );
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 5 }), (rules) => {
      const lines = formatVerdict({ result: 'FAIL', rules }).split('\n');
      expect(lines).toHaveLength(rules.length + 1);
      expect(lines.at(-1)).toBe('RESULT: FAIL');
      for (const [at, one] of rules.entries()) expect(lines[at]).toMatch(new RegExp(`^${one.status}( |$)`));
      for (const line of lines) expect(line).not.toMatch(notPrinted);
    }),
    { numRuns: 500 },
  );
});
