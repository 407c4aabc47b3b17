import type { Random } from './random.js';

const longText = 'x'.repeat(100_000);

/** Texts on which careless programs stumble. */
const oddTexts: readonly string[] = [
  '',
  ' ',
  '\0',
  '\u202e\u0000\ufeff',
  '\ud800',
  '\udfff\ud800',
  '😀'.repeat(50),
  'e\u0301\u0323'.repeat(100),
  "'; DROP TABLE images; --",
  '<script>alert(1)</script>',
  '../../../../etc/passwd',
  '/etc/passwd',
  'file:///etc/passwd',
  'C:\\Windows\\win.ini',
  '\\\\127.0.0.1\\share\\a.jpg',
  'http://127.0.0.1/a.jpg',
  'https://169.254.169.254/latest/meta-data',
  'gopher://127.0.0.1/',
  'javascript:alert(1)',
  'blob:http://127.0.0.1/1',
  'data:',
  'data:,',
  'data:;base64',
  'data:;base64,',
  'data:;base64,====',
  'data:;base64,A',
  'data:image/png;base64,iVBORw0KGgo',
  'data:image/svg+xml;utf8,<svg xmlns="http://www.w3.org/2000/svg"/>',
  'data:text/html,%3Ch1%3E',
  'data:image/jpeg;charset=x;base64;base64,/9j/',
  'DATA:IMAGE/PNG;BASE64,AAAA',
  'data:,%',
  'data:,%zz',
  'data:x,%ff%d8%ff',
  'AAAA',
  'AA=A',
  '====',
  '-_-_',
  'AAAA\nAAAA',
  longText,
  'A'.repeat(200_000),
  'cls',
  'cls,cls,cls',
  'hidden_states.99999999999999999999',
  'hidden_states.-1',
  'attentions.1e3',
  'hidden_states.00',
  '__proto__',
  'constructor',
  'toString',
  '%00',
  'null',
  'NaN',
];

/** Numbers as JSON can write them and programs mistake them. */
const oddNumbers: readonly string[] = [
  '0',
  '-0',
  '-1',
  '1.5',
  '1e999',
  '-1e999',
  '9007199254740993',
  '1e-400',
  '0.1',
];

/** Whole JSON values that no schema of ours asks for, as text. */
export function oddJson(random: Random): string {
  switch (random.below(10)) {
    case 0:
      return 'null';
    case 1:
      return random.pick(['true', 'false']);
    case 2:
      return random.pick(oddNumbers);
    case 3:
      return '['.repeat(3000) + ']'.repeat(3000);
    case 4:
      return `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`;
    case 5:
      return `[${Array.from({ length: random.below(400) }, () => JSON.stringify(oddText(random, 200))).join(',')}]`;
    case 6:
      return '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    case 7:
      return random.pick([
        '{}',
        '[]',
        '[[]]',
        '[{}]',
        '[null]',
        '{"image":null}',
        '{"image":{"image":"AAAA"}}',
      ]);
    default:
      return JSON.stringify(oddText(random));
  }
}

/** @param longest longer ones are cut */
export function oddText(random: Random, longest = Number.POSITIVE_INFINITY): string {
  const text = random.chance(0.2)
    ? random.bytes(random.below(60)).toString(random.pick(['latin1', 'utf8', 'base64'] as const))
    : random.pick(oddTexts);
  return text.slice(0, longest);
}
