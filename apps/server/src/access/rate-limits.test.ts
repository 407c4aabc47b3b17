import { WebsslError } from '@webssl/backend';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimits, type RateLimitsOptions } from './rate-limits.js';

/** With a clock that stands until it is moved, in seconds. */
function limitsAt(start: number, options: RateLimitsOptions = {}) {
  const clock = { seconds: start };
  const limits = new RateLimits({ now: () => clock.seconds * 1000, ...options });
  const waitFor = (client: string, images: number, imagesPerMinute: number): number => {
    try {
      limits.take(client, images, imagesPerMinute);
      return 0;
    } catch (error) {
      if (!WebsslError.isInstance(error, 'RATE_LIMITED')) throw error;
      expect(error.details['limit']).toBe(imagesPerMinute);
      expect(error.message).toContain(`${imagesPerMinute} images a minute`);
      const { retryAfterSeconds } = error.details;
      expect(retryAfterSeconds).toBeGreaterThanOrEqual(1);
      return Number(retryAfterSeconds);
    }
  };
  return { clock, limits, waitFor };
}

test('a minute of images at once, then one as often as the limit says', () => {
  const { clock, waitFor } = limitsAt(1000);
  // 30 a minute is one every 2 s.
  expect(waitFor('a', 30, 30)).toBe(0);
  expect(waitFor('a', 1, 30)).toBe(2);
  clock.seconds = 1001.999;
  expect(waitFor('a', 1, 30)).toBe(1);
  clock.seconds = 1002;
  expect(waitFor('a', 1, 30)).toBe(0);
  expect(waitFor('a', 5, 30)).toBe(10);
  clock.seconds = 1009;
  // 3.5 are back, 1.5 are missing: 3 s.
  expect(waitFor('a', 5, 30)).toBe(3);
  clock.seconds = 1012;
  expect(waitFor('a', 5, 30)).toBe(0);
});

test('a bucket never holds more than a minute', () => {
  const { clock, waitFor } = limitsAt(0);
  expect(waitFor('a', 1, 6)).toBe(0);
  clock.seconds = 100_000;
  expect(waitFor('a', 6, 6)).toBe(0);
  expect(waitFor('a', 1, 6)).toBe(10);
});

test('refused requests cost nothing, and asking often does not delay the refill', () => {
  const { clock, waitFor } = limitsAt(0);
  // 7 a minute is one every 8.571428... s.
  expect(waitFor('a', 7, 7)).toBe(0);
  const waits: number[] = [];
  for (; clock.seconds < 8.571; clock.seconds += 0.01) waits.push(waitFor('a', 1, 7));
  expect(Math.max(...waits)).toBe(9);
  expect(Math.min(...waits)).toBe(1);
  clock.seconds = 8.572;
  expect(waitFor('a', 1, 7)).toBe(0);
});

test('clients have their own buckets', () => {
  const { waitFor } = limitsAt(0);
  expect(waitFor('a', 10, 10)).toBe(0);
  expect(waitFor('b', 10, 10)).toBe(0);
  expect(waitFor('a', 1, 10)).toBe(6);
  expect(waitFor('c', 1, 5)).toBe(0);
});

test('a request without images counts as one', () => {
  const { waitFor } = limitsAt(0);
  expect(waitFor('a', 0, 2)).toBe(0);
  expect(waitFor('a', 0, 2)).toBe(0);
  expect(waitFor('a', 0, 2)).toBe(30);
});

test('more images than a minute allows go through when the bucket is full, and are paid for afterwards', () => {
  const { clock, waitFor } = limitsAt(0);
  expect(waitFor('a', 25, 10)).toBe(0);
  // 15 below nothing, and one wanted: 16 at 6 s each.
  expect(waitFor('a', 1, 10)).toBe(96);
  expect(waitFor('a', 25, 10)).toBe(150);
  clock.seconds = 149;
  expect(waitFor('a', 25, 10)).toBe(1);
  clock.seconds = 150;
  expect(waitFor('a', 25, 10)).toBe(0);
});

test('a changed limit counts from the next request on', () => {
  const { clock, waitFor } = limitsAt(0);
  expect(waitFor('a', 60, 60)).toBe(0);
  expect(waitFor('a', 1, 6)).toBe(10);
  clock.seconds = 9;
  expect(waitFor('a', 1, 6)).toBe(1);
  // 0.9 are there, and from now on one comes back every second.
  expect(waitFor('a', 2, 60)).toBe(2);
  clock.seconds = 60;
  expect(waitFor('a', 10, 6)).toBe(0);
});

test('after the time that a refusal names the same request goes through, and a second earlier it does not', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 999_999_999 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.array(fc.record({ images: fc.nat(1000), pause: fc.nat(90_000) }), { minLength: 1, maxLength: 20 }),
      (limit, images, before) => {
        // Real clocks tell fractions of a millisecond.
        let milliseconds = 12_345.678;
        const { waitFor } = limitsAt(0, { now: () => milliseconds });
        const pass = (more: number) => {
          milliseconds += more;
        };
        for (const one of before) {
          waitFor('a', one.images, limit);
          pass(one.pause);
        }
        const wait = waitFor('a', images, limit);
        if (wait === 0) return;
        expect(Number.isInteger(wait)).toBe(true);
        pass((wait - 1) * 1000);
        expect(waitFor('a', images, limit)).toBe(1);
        pass(1000);
        expect(waitFor('a', images, limit)).toBe(0);
      },
    ),
  );
});

test('fractions of a millisecond make nobody wait longer', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e7, noNaN: true }), (start) => {
      let milliseconds = start;
      const { waitFor } = limitsAt(0, { now: () => milliseconds });
      expect(waitFor('a', 60, 60)).toBe(0);
      expect(waitFor('a', 1, 60)).toBe(1);
      milliseconds = start + 1000;
      expect(waitFor('a', 1, 60)).toBe(0);
    }),
  );
});

test('clients that have been idle are forgotten, those that owe are not', () => {
  const { clock, limits, waitFor } = limitsAt(0);
  for (let client = 0; client < 1000; client++) waitFor(`idle ${client}`, 1, 60);
  expect(waitFor('owes', 300, 60)).toBe(0);
  expect(limits.size).toBe(1001);
  clock.seconds = 61;
  waitFor('new', 1, 60);
  expect(limits.size).toBe(2);
  expect(waitFor('owes', 1, 60)).toBe(180);
});

test('no more clients are remembered than may be; the one not seen for longest goes', () => {
  const { limits, waitFor } = limitsAt(0, { maximumClients: 3 });
  for (const client of ['a', 'b', 'c']) expect(waitFor(client, 2, 2)).toBe(0);
  expect(waitFor('a', 1, 2)).toBe(30);
  expect(waitFor('d', 2, 2)).toBe(0);
  expect(limits.size).toBe(3);
  expect(waitFor('a', 1, 2)).toBe(30);
  expect(waitFor('b', 1, 2)).toBe(0);
});
