import type { RecordOf } from '../records.js';
import { recordsOf } from '../records-of.js';
import type { Thresholds } from '../thresholds.js';
import type { Rule } from '../verdict.js';
import { combine } from './combine.js';
import { judgeFigures, judgeNmse } from './compared-figures.js';
import { decide } from './decide.js';
import { countingAxis, judgeGrid, namedAxis } from './grid.js';
import { judgeLayers } from './judge-layers.js';
import { judgePlannedBound, nmseBound } from './judge-planned-bound.js';
import { judgeDevices, judgeRun } from './judge-run.js';
import { judgeStability } from './judge-stability.js';
import { largest, mean, smallest, sum, sumsUp } from './numbers.js';
import type { Run } from './runs.js';

const tensors = ['last_hidden_state', 'cls'] as const;

/** Whether the run is whole and the candidate gave the reference's answer, for each image in each batch. */
export function judgeAccuracy(run: Run<'accuracy'>, thresholds: Thresholds): Rule[] {
  const { plan, records } = run;
  const bound = nmseBound(plan, thresholds);
  const images = recordsOf(records, 'accuracy.image');
  return [
    judgeRun(run, [
      judgeDevices(run, [
        { role: 'reference', device: plan.reference },
        { role: 'candidate', device: plan.candidate },
      ]),
      judgePlannedBound(plan),
    ]),
    judgeGrid(
      'compared images',
      [countingAxis('image', plan.images), namedAxis('batch', plan.batches), namedAxis('', tensors)],
      images.map(({ index, batch, tensor }) => [index, batch, tensor]),
    ),
    ...tensors.flatMap((tensor) => {
      const compared = images.filter((image) => image.tensor === tensor);
      const totals = recordsOf(records, 'accuracy.total').filter((total) => total.tensor === tensor);
      const nmse = judgeNmse(tensor, compared, bound);
      return [
        combine(
          nmse.name,
          [judgeFigures(tensor, compared), nmse, judgeTotals(tensor, compared, totals)],
          nmse,
        ),
      ];
    }),
    ...judgeLayers(run, thresholds),
    ...judgeStability(run, bound),
  ];
}

/** Totals say nothing that is not in the records of the images; they must say the same. */
function judgeTotals(
  tensor: string,
  images: readonly RecordOf<'accuracy.image'>[],
  totals: readonly RecordOf<'accuracy.total'>[],
): Rule {
  const [total] = totals;
  const expected = sumUp(images);
  return decide(`totals of ${tensor}`, {
    missing: total === undefined ? ['accuracy.total is not in the log'] : [],
    wrong: [
      ...(totals.length > 1 ? ['they are there more than once'] : []),
      ...(total === undefined ? [] : Object.entries(expected)).flatMap(([name, figure]) => {
        const written = Number(total?.[name as keyof typeof expected]);
        // A mean of cosines may be near 0 by cancellation.
        const scale = name.endsWith('cosine') ? 1 : undefined;
        return sumsUp(written, figure, scale) ? [] : [`${name} is ${written}, the images make it ${figure}`];
      }),
    ],
  });
}

function sumUp(images: readonly RecordOf<'accuracy.image'>[]) {
  const of = (name: 'nmse' | 'relative_l2' | 'cosine' | 'max_abs_error' | 'not_finite') =>
    images.map((image) => image[name]);
  const nmse = of('nmse');
  return {
    comparisons: images.length,
    mean_nmse: mean(nmse),
    mean_nmse_percent: 100 * mean(nmse),
    max_nmse: largest(nmse),
    max_nmse_percent: 100 * largest(nmse),
    mean_relative_l2: mean(of('relative_l2')),
    max_relative_l2: largest(of('relative_l2')),
    mean_cosine: mean(of('cosine')),
    min_cosine: smallest(of('cosine')),
    max_abs_error: largest(of('max_abs_error')),
    not_finite: sum(of('not_finite')),
  };
}
