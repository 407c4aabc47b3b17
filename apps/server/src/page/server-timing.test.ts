import { expect, it } from 'vitest';
import { readRetryAfter, readServerTiming } from './server-timing.js';

it('reads durations by name and leaves out entries without one', () => {
  expect([...readServerTiming('queue;dur=2.5, device;desc="a b";dur=1234, miss, cache;dur="7"')]).toEqual([
    ['queue', 2.5],
    ['device', 1234],
    ['cache', 7],
  ]);
  expect([...readServerTiming(null)]).toEqual([]);
  expect([...readServerTiming(';dur=3,x;dur=abc')]).toEqual([]);
});

it('waits as long as asked, in seconds or until a date', () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0);
  expect(readRetryAfter('3', now)).toBe(3000);
  expect(readRetryAfter('0', now)).toBe(0);
  expect(readRetryAfter('Thu, 01 Jan 2026 12:00:07 GMT', now)).toBe(7000);
  expect(readRetryAfter('Thu, 01 Jan 2026 11:00:00 GMT', now)).toBe(0);
  expect(readRetryAfter('-5', now)).toBe(0);
});

it('waits a second where it is not said how long', () => {
  for (const header of [null, '', 'soon']) expect(readRetryAfter(header, 0)).toBe(1000);
});
