import type { RecordOf } from '../records.js';
import { recordsOf } from '../records-of.js';
import { largest } from './numbers.js';
import type { Run } from './runs.js';

/** Images a second of the reference device in batches of 1: what the speed-up is over. */
export function baselineOf({ plan, records }: Run<'performance'>): number | undefined {
  return recordsOf(records, 'performance.batch').find(
    ({ device, batch }) => device === plan.devices[0] && batch === 1,
  )?.images_per_second;
}

/** The record of a device's best batch: the one with most images a second, or one where they are NaN. */
export function fastest(
  batches: readonly RecordOf<'performance.batch'>[],
): RecordOf<'performance.batch'> | undefined {
  const most = largest(batches.map(({ images_per_second }) => images_per_second));
  return batches.find(({ images_per_second }) => Object.is(images_per_second, most));
}
