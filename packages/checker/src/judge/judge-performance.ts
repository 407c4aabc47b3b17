import { recordsOf } from '../records-of.js';
import type { Thresholds } from '../thresholds.js';
import type { Rule } from '../verdict.js';
import { excerpt } from '../words.js';
import { combine } from './combine.js';
import { decide } from './decide.js';
import { figureInWords } from './figures-in-words.js';
import { judgeGrid, namedAxis } from './grid.js';
import { judgeDevices, judgeRun } from './judge-run.js';
import { judgeSpeed } from './judge-speed.js';
import { judgeTimings } from './judge-timings.js';
import { isAmount, smallest } from './numbers.js';
import type { Run } from './runs.js';

/** A measurement may be shorter than planned by so much: clocks differ. */
const clockTolerance = 0.99;

/** Whether the run is whole and each device was measured in each batch, long enough and with figures that can be; and fast enough. */
export function judgePerformance(run: Run<'performance'>, thresholds: Thresholds): Rule[] {
  const { plan, records } = run;
  const devices = namedAxis('', plan.devices);
  const batches = namedAxis('batch', plan.batches);
  const endToEnd = recordsOf(records, 'performance.end_to_end');
  const measured = judgeSamples(run);
  return [
    judgeRun(run, [
      judgeDevices(
        run,
        [...new Set(plan.devices)].map((device, position) => ({
          role: position === 0 ? 'reference' : 'candidate',
          device,
        })),
      ),
      judgeGrid(
        'loading',
        [devices],
        recordsOf(records, 'performance.device').map(({ device }) => [device]),
      ),
      judgePreprocessing(run),
    ]),
    judgeGrid(
      'measured batches',
      [devices, batches],
      recordsOf(records, 'performance.batch').map(({ device, batch }) => [device, batch]),
    ),
    ...(plan.end_to_end || endToEnd.length > 0
      ? [
          judgeGrid(
            'from file to feature',
            plan.end_to_end ? [devices, batches] : [namedAxis('', []), batches],
            endToEnd.map(({ device, batch }) => [device, batch]),
          ),
        ]
      : []),
    combine('measurements', [measured, judgeTimings(run)], measured),
    ...judgeSpeed(run, thresholds),
  ];
}

function judgePreprocessing({ records }: Run<'performance'>): Rule {
  const { length } = recordsOf(records, 'performance.preprocessing');
  return decide('preprocessing', {
    missing: length === 0 ? ['performance.preprocessing is not in the log'] : [],
    wrong: length > 1 ? ['it is there more than once'] : [],
  });
}

/** Whether each measurement has the runs, the time and the concurrency that were planned. */
function judgeSamples({ plan, records }: Run<'performance'>): Rule {
  const measured = recordsOf(records, 'performance.batch');
  const { min_iterations, min_seconds, concurrency } = plan;
  const isLongEnough = ({ seconds }: { readonly seconds: number }) => seconds >= min_seconds * clockTolerance;
  const fewest = smallest(measured.map(({ n }) => n));
  const shortest = smallest(measured.map(({ seconds }) => seconds));
  return decide('samples', {
    missing: measured.length === 0 ? ['nothing was measured'] : [],
    wrong: [
      ...(isAmount(min_seconds) ? [] : [`min_seconds of the plan is ${min_seconds}`]),
      ...measured.flatMap((one) => {
        const place = `${excerpt(one.device)}, batch ${one.batch}`;
        if (one.concurrency !== concurrency) {
          return [`${place}: ${one.concurrency} in flight, ${concurrency} were planned`];
        }
        return one.n >= min_iterations && isLongEnough(one)
          ? []
          : [`${place}: ${one.n} runs in ${figureInWords(one.seconds)} s`];
      }),
      ...recordsOf(records, 'performance.end_to_end').flatMap((one) =>
        one.images >= min_iterations * one.batch && isLongEnough(one)
          ? []
          : [
              `${excerpt(one.device)}, batch ${one.batch}, from file to feature: ${one.images} images in ${figureInWords(one.seconds)} s`,
            ],
      ),
    ],
    ...(measured.length === 0 ? {} : { measured: `${fewest} runs, ${figureInWords(shortest)} s` }),
    bound: `at least ${min_iterations} runs, ${figureInWords(min_seconds)} s`,
  });
}
