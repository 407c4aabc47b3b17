import { WebsslError } from '@webssl/backend';
import { type Thresholds, thresholdsSchema } from './thresholds.js';

/**
 * The thresholds that a thresholds file holds: a JSON object.
 *
 * @throws WebsslError `CHECK_THRESHOLDS_INVALID`, with the key in `details` where there is one
 */
export function parseThresholds(json: string): Thresholds {
  let value: unknown;
  try {
    value = JSON.parse(json.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw invalid('They are no JSON.', { cause });
  }
  return validateThresholds(value);
}

/** @throws WebsslError `CHECK_THRESHOLDS_INVALID` */
export function validateThresholds(value: unknown): Thresholds {
  const { success, data, error } = thresholdsSchema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const known = Object.keys(thresholdsSchema.unwrap().shape).join(', ');
  const key = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path[0];
  if (key === undefined) throw invalid(`They must be an object with some of the keys ${known}.`, {});
  throw invalid(
    issue?.code === 'unrecognized_keys'
      ? `There is no threshold ${JSON.stringify(key)}; there are ${known}.`
      : `${String(key)}: ${issue?.message}. Bounds are numbers above 0, requireStable is true or false.`,
    { key },
  );
}

function invalid(problem: string, { cause, key }: { cause?: unknown; key?: PropertyKey }): WebsslError {
  return new WebsslError({
    code: 'CHECK_THRESHOLDS_INVALID',
    message: `The thresholds cannot be used. ${problem}`,
    ...(cause === undefined ? {} : { cause }),
    ...(key === undefined ? {} : { details: { key } }),
  });
}
