import { expect, test } from 'vitest';
import { describeLimits, limitNames, limitTable, resolveLimits } from './server-limits.js';

test('what is not said has its default', () => {
  const defaults = Object.fromEntries(limitNames.map((name) => [name, limitTable[name].byDefault]));
  expect(resolveLimits()).toEqual(defaults);
  expect(resolveLimits({ imagesPerRequest: 5 })).toEqual({ ...defaults, imagesPerRequest: 5 });
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])(
  'a limit of %d is refused',
  (value) => {
    expect(() => resolveLimits({ imageBytes: value })).toThrow(
      expect.objectContaining({
        code: 'SERVER_LIMIT_INVALID',
        message: expect.stringContaining('imageBytes'),
      }),
    );
  },
);

test.each([
  [{ requestBytes: 100, queueBytes: 99 }, /--max-request-bytes.* only 99 \(--max-queue-bytes\)/],
  [{ imagesPerRequest: 9, queueImages: 8 }, /--max-images.* only 8 \(--max-queue-images\)/],
])('limits that contradict each other are refused by their flags: %j', (limits, message) => {
  expect(() => resolveLimits(limits)).toThrow(message);
});

test('an unknown limit is refused', () => {
  const unknown: object = { imagesPerRequset: 5 };
  expect(() => resolveLimits(unknown)).toThrow(expect.objectContaining({ code: 'SERVER_LIMIT_INVALID' }));
});

test('every limit is described with its value, and no two have the same flag', () => {
  const described = describeLimits(resolveLimits({ timeout: 1234 }));
  expect(described.map(({ name }) => name)).toEqual(limitNames);
  expect(described.find(({ name }) => name === 'timeout')).toEqual({
    name: 'timeout',
    value: 1234,
    unit: 'milliseconds',
    meaning: limitTable.timeout.meaning,
    status: 504,
    flag: '--timeout',
  });
  expect(new Set(described.map(({ flag }) => flag)).size).toBe(limitNames.length);
});
