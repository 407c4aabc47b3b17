import type { RecordOf } from '../records.js';
import { recordsOf } from '../records-of.js';
import type { Thresholds } from '../thresholds.js';
import type { Rule } from '../verdict.js';
import { excerpt } from '../words.js';
import { decide } from './decide.js';
import { figureInWords } from './figures-in-words.js';
import { groupBy } from './group-by.js';
import { smallest } from './numbers.js';
import type { Run } from './runs.js';
import { baselineOf, fastest } from './speed-up.js';

type Batch = RecordOf<'performance.batch'>;

/** The thresholds of speed for each device but the reference; for the reference where it is the only one. */
export function judgeSpeed(run: Run<'performance'>, thresholds: Thresholds): Rule[] {
  const { plan, records } = run;
  const { minImagesPerSecond, maxLatencyMilliseconds, minSpeedUp, requireStable } = thresholds;
  const [reference = '', ...others] = new Set(plan.devices);
  const baseline = baselineOf(run);
  const measured = recordsOf(records, 'performance.batch');
  const byDevice = groupBy(measured, ({ device }) => device);
  const smallestBatch = smallest(plan.batches);
  return [
    ...(others.length === 0 ? [reference] : others).flatMap((device) => {
      const batches = byDevice.get(device) ?? [];
      const best = fastest(batches);
      const label = excerpt(device);
      return [
        ...(minImagesPerSecond === undefined
          ? []
          : [atLeast(`images per second of ${label}`, best, best?.images_per_second, minImagesPerSecond)]),
        ...(maxLatencyMilliseconds === undefined
          ? []
          : [judgeLatency(label, batches, smallestBatch, maxLatencyMilliseconds)]),
        ...(minSpeedUp === undefined ? [] : [judgeSpeedUp(label, best, baseline, minSpeedUp)]),
      ];
    }),
    ...(requireStable === true ? [judgeStable(measured)] : []),
  ];
}

function judgeSpeedUp(
  label: string,
  best: Batch | undefined,
  baseline: number | undefined,
  bound: number,
): Rule {
  const name = `speed-up of ${label}`;
  if (baseline === undefined) {
    return decide(name, {
      missing: ['the reference device was not measured in batches of 1: measure batch 1 too'],
      bound: `at least ${figureInWords(bound)}`,
    });
  }
  return atLeast(name, best, best && best.images_per_second / baseline, bound);
}

function judgeLatency(label: string, batches: readonly Batch[], size: number, bound: number): Rule {
  const median = batches.find(({ batch }) => batch === size)?.median_ms;
  return decide(`latency of ${label}`, {
    missing: median === undefined ? [`batch ${size} was not measured`] : [],
    wrong: median === undefined || median <= bound ? [] : ['too slow'],
    ...(median === undefined ? {} : { measured: `${figureInWords(median, bound)} ms` }),
    bound: `at most ${figureInWords(bound)} ms`,
    note: `median of batch ${size}`,
  });
}

function atLeast(name: string, best: Batch | undefined, figure: number | undefined, bound: number): Rule {
  return decide(name, {
    missing: figure === undefined ? ['it was not measured'] : [],
    wrong: figure === undefined || figure >= bound ? [] : ['too slow'],
    ...(best === undefined || figure === undefined
      ? {}
      : { measured: figureInWords(figure, bound), note: `batch ${best.batch}` }),
    bound: `at least ${figureInWords(bound)}`,
  });
}

function judgeStable(measured: readonly Batch[]): Rule {
  const unstable = measured.filter((batch) => batch.unstable);
  return decide('stable measurements', {
    missing: measured.length === 0 ? ['nothing was measured'] : [],
    wrong: unstable.map(
      ({ device, batch, first_half_ms, second_half_ms }) =>
        `${excerpt(device)}, batch ${batch}: ${figureInWords(first_half_ms)} ms in the first half, ${figureInWords(second_half_ms)} ms in the second`,
    ),
    measured: `${measured.length - unstable.length} of ${measured.length}`,
  });
}
