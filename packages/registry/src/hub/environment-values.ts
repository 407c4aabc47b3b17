import type { Environment } from '../cache-folder.js';
import { hubError } from './hub-error.js';

const trueValues: ReadonlySet<string> = new Set(['1', 'ON', 'YES', 'TRUE']);

/** Longest time that a timer of Node measures: 2^31 - 1 milliseconds. */
export const mostSeconds = 2_147_483;

/** Whether a variable says yes, as the Python client reads it: `1`, `on`, `yes`, `true` in any case; all else is no. */
export function isTrue(value: string | undefined): boolean {
  return trueValues.has((value ?? '').toUpperCase());
}

/**
 * A whole number of seconds, in milliseconds. As in the Python client, 0 means the default.
 * @throws WebsslError `HUB_SETTING_INVALID`
 */
export function readMilliseconds(environment: Environment, name: string, defaultSeconds: number): number {
  const text = (environment[name] ?? '').trim();
  if (text === '') return defaultSeconds * 1000;
  const seconds = /^\+?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds <= mostSeconds)) {
    throw hubError(
      'HUB_SETTING_INVALID',
      `${name} is '${text}': expected a whole number of seconds, at most ${mostSeconds}`,
      { details: { name, value: text } },
    );
  }
  return (seconds || defaultSeconds) * 1000;
}
