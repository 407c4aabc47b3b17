import { WebsslError } from '@webssl/backend';
import { type Feature, parseFeature } from '@webssl/encoder';
import { ParamError } from './param-error.js';

/** Which features the server computes: all that the model has, or a list. */
export interface ServedFeatures {
  readonly layers: number;
  /** Absent: all. */
  readonly only?: readonly string[];
}

/**
 * Checks the names of a request.
 *
 * @throws WebsslError `FEATURE_UNKNOWN`, `FEATURE_NOT_SERVED`
 */
export function checkFeatures(names: readonly string[], { layers, only }: ServedFeatures): readonly string[] {
  const unique = [...new Set(names.map((name) => known(name, layers)))];
  const refused = unique.find((name) => only !== undefined && !only.includes(name));
  if (refused === undefined) return unique;
  throw new WebsslError({
    code: 'FEATURE_NOT_SERVED',
    message: `This server does not compute ${refused}. It computes ${only?.join(', ')}.`,
    details: { param: 'features' },
  });
}

function known(name: string, layers: number): Feature {
  try {
    return parseFeature(name, layers);
  } catch (error) {
    throw new ParamError(error, 'features');
  }
}
