import { WebsslError } from '@webssl/backend';
import { defaultMaxNmse } from '@webssl/checker';
import { deviceLabel, isSameDevice } from '../run/device-choice.js';
import type { AccuracyOptions } from './accuracy-options.js';

/** {@link AccuracyOptions} with their defaults, checked. */
export interface AccuracySettings {
  /** Ascending, each once; the first one is 1. */
  readonly batches: readonly number[];
  readonly maxNmse: number;
  /** Undefined: as `maxNmse`. */
  readonly maxLayerNmse: number | undefined;
  readonly layers: boolean;
  readonly stability: number;
}

const defaultBatches = [1, 2];

/** @throws WebsslError `EVALUATION_OPTION_INVALID` */
export function accuracySettings(options: AccuracyOptions): AccuracySettings {
  const { batches = defaultBatches, layers = false, stability = 0, images, maxLayerNmse } = options;
  for (const batch of batches) {
    if (!isWholeFrom(1, batch)) throw invalid('batches', batch, 'whole numbers of at least 1');
  }
  if (stability !== 0 && !isWholeFrom(2, stability)) {
    throw invalid('stability', stability, 'a whole number of at least 2, or 0 for none');
  }
  checkLabels(options);
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
    maxLayerNmse: maxLayerNmse === undefined ? undefined : checkedRatio('maxLayerNmse', maxLayerNmse),
    layers,
    stability,
  };
}

/** @throws WebsslError `EVALUATION_OPTION_INVALID` */
export function checkedMaxNmse(maxNmse = defaultMaxNmse): number {
  return checkedRatio('maxNmse', maxNmse);
}

function checkedRatio(option: string, ratio: number): number {
  if (ratio > 0 && Number.isFinite(ratio)) return ratio;
  throw invalid(option, ratio, 'a ratio above 0, such as 0.01 for 1 %');
}

/** Nobody could tell from the records which of two devices with one label did what. */
function checkLabels({ reference, candidate }: AccuracyOptions): void {
  const label = deviceLabel(reference);
  if (label !== deviceLabel(candidate) || isSameDevice(reference, candidate)) return;
  throw new WebsslError({
    code: 'EVALUATION_OPTION_INVALID',
    message: `Reference and candidate are two devices, and both are called ${label} in the records. Give the Backend object another id.`,
    details: { label },
  });
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
