import { type AnswerHeaders, headerOf } from './answer-headers.js';

/**
 * How long a server asks to wait: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), else what the hub's
 * `RateLimit` header says of an exhausted quota, as in `"api";r=0;t=55`.
 */
export function retryAfterMilliseconds(headers: AnswerHeaders, now: number = Date.now()): number | undefined {
  const asked = headerOf(headers, 'retry-after');
  return (asked === undefined ? undefined : parseRetryAfter(asked, now)) ?? quotaReset(headers);
}

function parseRetryAfter(text: string, now: number): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) return milliseconds(Number(text));
  // The one form of a date that servers may send today; Date.parse alone takes almost any text for a date.
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}

function quotaReset(headers: AnswerHeaders): number | undefined {
  const quota = headerOf(headers, 'ratelimit') ?? '';
  const remaining = /;\s*r=(\d+)/.exec(quota)?.[1];
  const seconds = /;\s*t=(\d+)/.exec(quota)?.[1];
  // The header comes with every answer; only an exhausted quota says anything about a refusal.
  if (seconds === undefined || (remaining !== undefined && Number(remaining) > 0)) return undefined;
  return milliseconds(Number(seconds));
}

function milliseconds(seconds: number): number {
  return Math.min(Math.ceil(seconds * 1000), Number.MAX_SAFE_INTEGER);
}
