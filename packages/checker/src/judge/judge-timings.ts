import type { EvaluationRecord, RecordOf } from '../records.js';
import { recordsOf } from '../records-of.js';
import type { Rule } from '../verdict.js';
import { excerpt } from '../words.js';
import { decide } from './decide.js';
import { agrees, isAmount } from './numbers.js';
import type { Run } from './runs.js';
import { baselineOf } from './speed-up.js';

/** Whether the figures of a performance run are such as a clock gives, and fit each other. */
export function judgeTimings(run: Run<'performance'>): Rule {
  const baseline = baselineOf(run);
  return decide('figures', {
    missing: recordsOf(run.records, 'performance.batch').length === 0 ? ['nothing was measured'] : [],
    wrong: run.records.flatMap((record) => {
      const [problem] = problemsOf(record, baseline);
      return problem === undefined ? [] : [`${placeInWords(record)}: ${problem}`];
    }),
  });
}

function placeInWords(record: EvaluationRecord): string {
  const device = 'device' in record && record.device !== undefined ? ` of ${excerpt(record.device)}` : '';
  const batch = 'batch' in record && record.batch !== undefined ? `, batch ${record.batch}` : '';
  return `${record.record}${device}${batch}`;
}

function problemsOf(record: EvaluationRecord, baseline: number | undefined): string[] {
  switch (record.record) {
    case 'performance.device': {
      const { load_ms, first_inference_ms, peak_memory_bytes } = record;
      return notPositive({ load_ms, first_inference_ms, peak_memory_bytes });
    }
    case 'performance.preprocessing': {
      const { min_ms, mean_ms, median_ms, stddev_ms } = record;
      return [
        ...notPositive({ min_ms, mean_ms, median_ms }),
        ...notAmounts({ stddev_ms }),
        ...notRising({ min_ms, median_ms }),
        ...notRising({ min_ms, mean_ms }),
      ];
    }
    case 'performance.batch':
      return problemsOfBatch(record, baseline);
    case 'performance.end_to_end': {
      const { images, seconds, images_per_second } = record;
      return [
        ...notPositive({ seconds, images_per_second }),
        ...(agrees(images_per_second * seconds, images)
          ? []
          : ['images_per_second is not images by seconds']),
      ];
    }
    default:
      return [];
  }
}

function problemsOfBatch(record: RecordOf<'performance.batch'>, baseline: number | undefined): string[] {
  const { n, batch, concurrency, seconds, images_per_second, speedup } = record;
  const { min_ms, mean_ms, median_ms, p90_ms, p95_ms, p99_ms, stddev_ms } = record;
  const { first_half_ms, second_half_ms, host_to_device_ms, compute_ms, device_to_host_ms } = record;
  // Runs that filled the queue count for the throughput and not for n.
  const runs = (images_per_second * seconds) / batch;
  const isThroughput = runs >= n * 0.99 && runs <= (n + 2 * concurrency) * 1.01;
  // No more than `concurrency` runs pass at a time.
  const fitsTheTime = n * mean_ms <= 1000 * seconds * concurrency * 1.01;
  const isSteady =
    Math.abs(first_half_ms - second_half_ms) <= 0.101 * Math.min(first_half_ms, second_half_ms);
  const isSpeedUp =
    speedup === undefined || baseline === undefined || agrees(speedup, images_per_second / baseline);
  return [
    ...notPositive({
      seconds,
      images_per_second,
      min_ms,
      mean_ms,
      median_ms,
      p90_ms,
      p95_ms,
      p99_ms,
      speedup,
    }),
    ...notPositive({ first_half_ms, second_half_ms }),
    ...notAmounts({ stddev_ms, host_to_device_ms, compute_ms, device_to_host_ms }),
    ...notRising({ min_ms, median_ms, p90_ms, p95_ms, p99_ms }),
    ...notRising({ min_ms, mean_ms }),
    ...(isSteady || record.unstable ? [] : ['its halves differ, and it is not flagged as unstable']),
    ...(isThroughput ? [] : ['images_per_second does not fit n, batch and seconds']),
    ...(fitsTheTime ? [] : ['n runs of mean_ms take longer than seconds']),
    ...(isSpeedUp ? [] : ['speedup is not images_per_second over those of the reference in batches of 1']),
  ];
}

type Figures = Readonly<Record<string, number | undefined>>;

function notPositive(figures: Figures): string[] {
  return whereNot(figures, (value) => isAmount(value) && value > 0);
}

function notAmounts(figures: Figures): string[] {
  return whereNot(figures, isAmount);
}

function whereNot(figures: Figures, holds: (value: number) => boolean): string[] {
  return Object.entries(figures).flatMap(([name, value]) =>
    value === undefined || holds(value) ? [] : [`${name} is ${value}`],
  );
}

function notRising(figures: Figures): string[] {
  const present = Object.entries(figures).filter(
    (entry): entry is [string, number] => entry[1] !== undefined,
  );
  return present.flatMap(([name, value], position) => {
    const [before, least] = present[position - 1] ?? [name, value];
    return least <= value || agrees(least, value) ? [] : [`${name} is below ${before}`];
  });
}
