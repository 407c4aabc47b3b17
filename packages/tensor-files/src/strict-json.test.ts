import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type JsonValue, NumberLiteral, parseStrictJson } from './strict-json.js';

/** What JSON.parse would have made of the same text. */
function plain(value: JsonValue): unknown {
  if (value instanceof NumberLiteral) return Number(value.literal);
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  const members: [string, JsonValue][] = [...value];
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]));
}

test('agrees with JSON.parse on every JSON text', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (text, space) => {
      const formatted = JSON.stringify(JSON.parse(text), null, space);
      expect(plain(parseStrictJson(formatted))).toEqual(JSON.parse(formatted));
    }),
    { numRuns: 2000 },
  );
});

test('refuses every text that JSON.parse refuses', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '"a"',
    '1',
    '-',
    '.5',
    'e3',
    'true',
    'nul',
    ' ',
    '\n',
    '\u0000',
    '\ufeff',
    '01',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      fc.pre(!valid);
      expect(() => parseStrictJson(text)).toThrow(/character|twice/);
    }),
    { numRuns: 5000 },
  );
});

test('refuses a name that occurs twice, also in another spelling', () => {
  expect(() => parseStrictJson('{"a":1,"b":{},"\\u0061":2}')).toThrow('"a" occurs twice');
  expect(() => parseStrictJson('[{"x":{"y":1,"y":1}}]')).toThrow('"y" occurs twice');
});

test('keeps names that objects give a meaning to', () => {
  const value = parseStrictJson('{"__proto__":1,"constructor":2,"7":3,"":4}');
  expect(value).toEqual(
    new Map([
      ['__proto__', 1],
      ['constructor', 2],
      ['7', 3],
      ['', 4],
    ]),
  );
});

test.each(['-1', '1.0', '1e3', '-0', '9007199254740992', '1e400'])(
  'keeps %s as it was written',
  (literal) => {
    expect(parseStrictJson(literal)).toEqual(new NumberLiteral(literal));
  },
);

test('counts up to 2^53 - 1 exactly', () => {
  expect(parseStrictJson('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
});

test('refuses nesting and numbers made to exhaust the parser', () => {
  expect(() => parseStrictJson('['.repeat(1_000_000))).toThrow('nested more than 64 deep');
  expect(() => parseStrictJson(`[${'1'.repeat(1_000_000)}]`)).toThrow('a value is expected at character 1');
  expect(() => parseStrictJson(`"${'\\n'.repeat(1_000_000)}`)).toThrow('does not end');
});

test('refuses half a surrogate pair', () => {
  expect(() => parseStrictJson('{"\\ud800":1}')).toThrow('surrogate');
  expect(parseStrictJson('"\\ud83d\\ude00"')).toBe('😀');
});
