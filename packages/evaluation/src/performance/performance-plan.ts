import { WebsslError } from '@webssl/backend';
import { type DeviceChoice, deviceLabel } from '../run/device-choice.js';
import type { PerformanceOptions } from './performance-options.js';

/** A device and what it is called in records. */
export interface NamedDevice {
  readonly label: string;
  readonly choice: DeviceChoice;
}

/** What is measured, checked and with every default filled in. */
export interface PerformancePlan {
  readonly devices: readonly NamedDevice[];
  /** In the order in which they were asked for. */
  readonly batches: readonly number[];
  readonly warmup: number;
  readonly minSeconds: number;
  readonly minIterations: number;
  readonly concurrency: number;
  readonly endToEnd: boolean;
}

/** @throws WebsslError `EVALUATION_OPTION_INVALID` */
export function performancePlan(options: PerformanceOptions): PerformancePlan {
  const { batches = [1, 4], minSeconds = 3, endToEnd = false, images } = options;
  const devices = options.devices.map((choice) => ({ label: deviceLabel(choice), choice }));
  if (devices.length === 0) throw invalid('devices', 'is empty: name at least one device');
  checkDistinct(
    'devices',
    devices.map(({ label }) => label),
  );
  if (batches.length === 0) throw invalid('batches', 'is empty: name at least one batch size');
  for (const batch of batches) wholeNumber('batches', batch, 1);
  checkDistinct('batches', batches);
  if (images?.length === 0) {
    throw invalid('images', 'is empty: name at least one, or leave it out for the synthetic test images');
  }
  if (!(minSeconds >= 0 && Number.isFinite(minSeconds))) {
    throw invalid('minSeconds', `must be a number of seconds of at least 0, not ${minSeconds}`);
  }
  return {
    devices,
    batches,
    warmup: wholeNumber('warmup', options.warmup ?? 1, 0),
    minSeconds,
    minIterations: wholeNumber('minIterations', options.minIterations ?? 5, 1),
    concurrency: wholeNumber('concurrency', options.concurrency ?? 1, 1),
    endToEnd,
  };
}

function wholeNumber(option: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw invalid(option, `must be a whole number of at least ${least}, not ${value}`);
}

/** Records tell measurements apart by these. */
function checkDistinct(option: string, values: readonly (string | number)[]): void {
  const twice = values.find((value, position) => values.indexOf(value) !== position);
  if (twice !== undefined) throw invalid(option, `names ${twice} twice: name it once`);
}

function invalid(option: string, problem: string): WebsslError {
  return new WebsslError({
    code: 'EVALUATION_OPTION_INVALID',
    message: `The performance option ${option} ${problem}.`,
    details: { option },
  });
}
