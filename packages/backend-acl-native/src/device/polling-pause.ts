/** A timer may fire this much late, in milliseconds. */
const timerLateness = 1;
/** How long around the expected end the event is asked without a pause. */
const closeBy = 2;
const longestPause = 20;

/**
 * How long to wait before a device is asked again whether it is done, in milliseconds; 0 stands for the next turn of the event loop.
 * Far from the expected end it is one long pause; around it there are none, so that the end is noticed at once; past it they
 * grow, so that a slow device costs little and the end is noticed at most an eighth late.
 * @param elapsed since the execution began
 * @param expected how long it took last time
 */
export function pollingPause(elapsed: number, expected: number): number {
  const left = expected - elapsed;
  if (left > closeBy) return Math.max(1, Math.floor(left - timerLateness));
  if (left > -closeBy) return 0;
  return Math.min(longestPause, Math.max(1, -left / 8));
}
