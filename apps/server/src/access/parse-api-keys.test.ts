import { WebsslError } from '@webssl/backend';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createApiKey } from './api-key.js';
import { parseApiKeys } from './parse-api-keys.js';

const path = 'keys.txt';
// What sha256sum says of "alpha" and "bravo".
const alpha = '8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8';
const bravo = 'f144a6907dc4284d1f9fe6a7d9b9ff53c02c1d07ba68f24d413d7ff7f757a782';

const entry = (name: string, hash: string, imagesPerMinute?: number) => ({
  key: imagesPerMinute === undefined ? { name } : { name, imagesPerMinute },
  digest: Buffer.from(hash, 'hex'),
});

function refusal(text: string): WebsslError {
  try {
    parseApiKeys(text, path);
  } catch (error) {
    if (WebsslError.isInstance(error, 'API_KEYS_FILE_INVALID')) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

test('a key a line, with comments, empty lines, tabs, either line end and a byte order mark', () => {
  const text = `\uFEFF# Who may use the server\r\n\r\nphotos sha256:${alpha} # since spring\r\n\t web.site-2\tsha256:${bravo.toUpperCase()}  images-per-minute=120#\n`;
  expect(() => parseApiKeys(text, path)).toThrow(/Line 4/);
  expect(parseApiKeys(text.replace('120#', '120 #'), path)).toEqual([
    entry('photos', alpha),
    entry('web.site-2', bravo, 120),
  ]);
});

test.each([
  ['no hash', 'photos'],
  ['a hash of another kind', `photos md5:${alpha}`],
  ['a hash without its kind', `photos ${alpha}`],
  ['a short hash', `photos sha256:${alpha.slice(1)}`],
  ['a long hash', `photos sha256:${alpha}0`],
  ['a hash with another letter', `photos sha256:${alpha.slice(1)}g`],
  ['a hash before the name', `sha256:${alpha} photos`],
  ['a name with a slash', `photos/web sha256:${alpha}`],
  ['a name that a formula or a flag could begin with', `-photos sha256:${alpha}`],
  ['a long name', `${'n'.repeat(65)} sha256:${alpha}`],
  ['a name that looks like a key', `WEBSSL_photos sha256:${alpha}`],
  ['an unknown option', `photos sha256:${alpha} images-per-hour=5`],
  ['an option twice', `photos sha256:${alpha} images-per-minute=5 images-per-minute=6`],
  ['no images', `photos sha256:${alpha} images-per-minute=0`],
  ['a fraction of an image', `photos sha256:${alpha} images-per-minute=0.5`],
  ['images without a number', `photos sha256:${alpha} images-per-minute=`],
  ['more images than can be', `photos sha256:${alpha} images-per-minute=1000000000`],
  ['another space', `photos\u00a0sha256:${alpha}`],
])('%s is refused by line', (_, line) => {
  const { message, details } = refusal(`# first\n${line}\n`);
  expect(details).toEqual({ path, line: 2 });
  expect(message).toContain('Line 2 of the API keys file keys.txt');
});

test('neither a name nor a hash may stand twice', () => {
  expect(refusal(`a sha256:${alpha}\nb sha256:${bravo}\na sha256:${bravo}`).message).toMatch(
    /Line 3 .*name is that of line 1/,
  );
  expect(refusal(`a sha256:${alpha}\n\nb sha256:${alpha.toUpperCase()}`).message).toMatch(
    /Line 3 .*hash is that of line 1/,
  );
});

test.each(['', '\n', '# none\n', '\uFEFF'])('a file without keys is refused: %j', (text) => {
  expect(refusal(text).message).toContain('has no keys');
});

test('whatever way valid entries are laid out, they are read as they are', () => {
  const letters = fc.constantFrom(...'abcXYZ019');
  const name = fc.string({ unit: letters, minLength: 1, maxLength: 64 });
  const hash = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 });
  const space = fc.string({ unit: fc.constantFrom(' ', '\t'), minLength: 1, maxLength: 3 });
  const comment = fc.string().map((text) => `# ${text.replaceAll('\n', ' ')}`);
  const row = fc.record({
    name,
    hash,
    rate: fc.option(fc.integer({ min: 1, max: 999_999_999 }), { nil: undefined }),
    space,
    indent: fc.oneof(fc.constant(''), space),
    comment: fc.oneof(fc.constant(''), comment),
    before: fc.array(fc.oneof(fc.constant(''), comment, space), { maxLength: 2 }),
    end: fc.constantFrom('\n', '\r\n'),
  });
  const rows = fc
    .uniqueArray(row, { selector: (one) => one.name, minLength: 1, maxLength: 8 })
    .filter((all) => new Set(all.map((one) => one.hash)).size === all.length);
  fc.assert(
    fc.property(rows, (all) => {
      const text = all.map((one) => {
        const rate = one.rate === undefined ? '' : `${one.space}images-per-minute=${one.rate}`;
        const line = `${one.indent}${one.name}${one.space}sha256:${one.hash}${rate}${one.space}${one.comment}`;
        return [...one.before, line].map((each) => `${each}${one.end}`).join('');
      });
      expect(parseApiKeys(text.join(''), path)).toEqual(
        all.map((one) => entry(one.name, one.hash, one.rate)),
      );
    }),
  );
});

test('any other text gives keys or the one error', () => {
  const piece = fc.constantFrom(
    ' ',
    '\n',
    '\r',
    '#',
    'a',
    'b',
    `sha256:${alpha}`,
    'images-per-minute=',
    '7',
    '\0',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 12 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(text, (any) => {
      try {
        for (const { digest } of parseApiKeys(any, path)) expect(digest).toHaveLength(32);
      } catch (error) {
        expect(WebsslError.isInstance(error, 'API_KEYS_FILE_INVALID')).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a key that stands in the file, wherever it does, is refused and not repeated', () => {
  const { key, line } = createApiKey('photos');
  const places = ['photos KEY', 'KEY', `KEY sha256:${bravo}`, 'photos sha256:KEY', `${line} KEY`];
  const rates = [
    `${line} images-per-minute=KEY`,
    `${line} KEY=5`,
    `${line} images-per-minute=5 KEY`,
    'KEY KEY',
  ];
  for (const place of [...places, ...rates]) {
    const { message, details, cause } = refusal(place.replaceAll('KEY', key));
    expect(JSON.stringify([message, details, cause])).not.toContain(key.slice(7, 20));
  }
});
