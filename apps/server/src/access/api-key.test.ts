import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createApiKey } from './api-key.js';
import { parseApiKeys } from './parse-api-keys.js';

test('a new key has 256 random bits, and its line holds its hash and not the key', () => {
  const { key, line } = createApiKey('photos', { imagesPerMinute: 90 });
  expect(key).toMatch(/^webssl_[A-Za-z0-9_-]{43}$/);
  const hash = createHash('sha256').update(key).digest('hex');
  expect(line).toBe(`photos sha256:${hash} images-per-minute=90`);
  expect(createApiKey('photos').key).not.toBe(key);
});

test.each(['a', '0', 'A.b_c-9', 'n'.repeat(64)])('the line for %s is one the file takes', (name) => {
  for (const options of [{}, { imagesPerMinute: 1 }, { imagesPerMinute: 999_999_999 }]) {
    const [entry] = parseApiKeys(createApiKey(name, options).line, 'keys.txt');
    expect(entry?.key).toEqual({ name, ...options });
  }
});

test.each(['', ' ', 'two words', 'line\nbreak', '#', 'ümlaut', 'webssl_key', 'n'.repeat(65), '.hidden'])(
  'the name %j is refused',
  (name) => {
    expect(() => createApiKey(name)).toThrow(expect.objectContaining({ code: 'API_KEY_OPTION_INVALID' }));
  },
);

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e9, 1e21])(
  '%d images a minute are refused',
  (rate) => {
    expect(() => createApiKey('photos', { imagesPerMinute: rate })).toThrow(
      expect.objectContaining({ code: 'API_KEY_OPTION_INVALID' }),
    );
  },
);
