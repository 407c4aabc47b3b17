import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterMilliseconds } from './retry-after.js';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);

describe('the wait that a server asks for', () => {
  it.each([
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1.5' }, 1500],
    [{ 'retry-after': 'Fri, 02 Jan 2026 03:04:35 GMT' }, 30_000],
    [{ 'retry-after': 'Fri, 02 Jan 2026 03:04:00 GMT' }, 0],
    [{ ratelimit: '"api";r=0;t=55' }, 55_000],
    [{ ratelimit: '"resolvers"; r=0; t=7' }, 7000],
    [{ ratelimit: '"api";r=12;t=55' }, undefined],
    [{ 'retry-after': '3', ratelimit: '"api";r=0;t=55' }, 3000],
    [{ 'retry-after': 'soon', ratelimit: '"api";r=0;t=55' }, 55_000],
    [{ 'retry-after': '-1' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '1 Jan' }, undefined],
    [{ 'retry-after': 'Fri, 99 Xxx 2026 03:04:35 GMT' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{}, undefined],
  ])('of %o is %s ms', (headers, milliseconds) => {
    expect(retryAfterMilliseconds(headers, now)).toBe(milliseconds);
  });

  it('is a whole number from 0 on for every header', () => {
    const text = fc.oneof(
      fc.string(),
      fc.nat().map(String),
      fc.stringMatching(/^\d{1,400}$/),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      fc.stringMatching(/^[;"a=rt0-9 ]*$/),
    );
    fc.assert(
      fc.property(text, text, (retryAfter, ratelimit) => {
        const wait = retryAfterMilliseconds({ 'retry-after': retryAfter, ratelimit }, now);
        if (wait !== undefined) expect(Number.isSafeInteger(wait) && wait >= 0).toBe(true);
      }),
    );
  });
});
