import { describe, expect, it } from 'vitest';
import { pollingPause } from './polling-pause.js';

/** Asks like a session does, with timers that fire when they should; gives when the end was noticed and how often was asked. */
function poll(end: number, expected: number) {
  const turn = 0.05;
  let elapsed = 0;
  let asked = 1;
  while (elapsed < end) {
    elapsed += pollingPause(elapsed, expected) || turn;
    asked += 1;
  }
  return { late: elapsed - end, asked };
}

describe('the end of an execution', () => {
  it.each([8, 32, 65, 500])('that takes as long as expected, %d ms, is noticed at once', (duration) => {
    const { late, asked } = poll(duration, duration);
    expect(late).toBeLessThan(0.1);
    expect(asked).toBeLessThan(100);
  });

  it.each([1, 10, 100, 1000])(
    'that was not expected, after %d ms, is noticed at most an eighth late',
    (duration) => {
      const { late, asked } = poll(duration, 0);
      expect(late).toBeLessThanOrEqual(Math.max(1, duration / 8));
      expect(asked).toBeLessThan(150);
    },
  );

  it('that comes earlier than expected is noticed no later than expected', () => {
    expect(poll(20, 65).late).toBeLessThanOrEqual(45);
  });

  it('of an execution that hangs is asked for rarely', () => {
    expect(poll(60_000, 65).asked).toBeLessThan(60_000 / 18);
  });
});
