import { WebsslError } from '@webssl/backend';
import { defaultMaxNmse } from '@webssl/checker';
import type { AccuracyOptions } from './accuracy-options.js';

/** {@link AccuracyOptions} with their defaults, checked. */
export interface AccuracySettings {
  /** Ascending, each once; the first one is 1. */
  readonly batches: readonly number[];
  readonly maxNmse: number;
  readonly layers: boolean;
  readonly stability: number;
}

const defaultBatches = [1, 2];

/** @throws WebsslError `EVALUATION_OPTION_INVALID` */
export function accuracySettings(options: AccuracyOptions): AccuracySettings {
  const { batches = defaultBatches, layers = false, stability = 0, images } = options;
  for (const batch of batches) {
    if (!isWholeFrom(1, batch)) throw invalid('batches', batch, 'whole numbers of at least 1');
  }
  if (!isWholeFrom(0, stability)) throw invalid('stability', stability, 'a whole number of at least 0');
  if (images?.length === 0) {
    throw new WebsslError({
      code: 'EVALUATION_OPTION_INVALID',
      message:
        'The list of images is empty. Name at least one, or leave the list out for two synthetic ones.',
    });
  }
  return {
    batches: [...new Set([1, ...batches])].sort((a, b) => a - b),
    maxNmse: checkedMaxNmse(options.maxNmse),
    layers,
    stability,
  };
}

/** @throws WebsslError `EVALUATION_OPTION_INVALID` */
export function checkedMaxNmse(maxNmse = defaultMaxNmse): number {
  if (maxNmse > 0 && Number.isFinite(maxNmse)) return maxNmse;
  throw invalid('maxNmse', maxNmse, 'a ratio above 0, such as 0.01 for 1 %');
}

function isWholeFrom(least: number, value: number): boolean {
  return Number.isSafeInteger(value) && value >= least;
}

function invalid(option: string, value: number, expected: string): WebsslError {
  return new WebsslError({
    code: 'EVALUATION_OPTION_INVALID',
    message: `The option ${option} cannot be ${value}: it takes ${expected}.`,
    details: { option, value },
  });
}
