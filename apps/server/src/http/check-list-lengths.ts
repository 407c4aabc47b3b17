import type { ServerLimits } from '../limits/server-limits.js';
import { mostFeatures } from '../schemas/feature-request.js';
import { requestInvalid, tooManyImages } from './request-error.js';

/**
 * Checks how long the lists of a JSON body are, before every item of them is looked at.
 *
 * @throws WebsslError `TOO_MANY_IMAGES`, `REQUEST_INVALID`
 */
export function checkListLengths(
  body: unknown,
  { imagesPerRequest }: Pick<ServerLimits, 'imagesPerRequest'>,
): void {
  if (typeof body !== 'object' || body === null) return;
  for (const name of ['images', 'input'] as const) {
    const length = lengthOf(body, name);
    if (length > imagesPerRequest) throw tooManyImages(length, imagesPerRequest);
  }
  if (lengthOf(body, 'features') > mostFeatures) {
    throw requestInvalid(`features: a request may name ${mostFeatures} at most.`, 'features');
  }
}

function lengthOf(body: object, name: string): number {
  const list: unknown = Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined;
  return Array.isArray(list) ? list.length : 0;
}
