import { recordsOf } from '../records-of.js';
import type { Rule } from '../verdict.js';
import { imageInWords, isWithin, type RatioBound } from './compared-figures.js';
import { decide } from './decide.js';
import { ratioInWords } from './figures-in-words.js';
import { countingAxis, judgeGrid, namedAxis } from './grid.js';
import { isAmount, largest } from './numbers.js';
import type { Run } from './runs.js';

/** Whether the candidate gave the same answer each time, where that was planned. */
export function judgeStability({ plan, records }: Run<'accuracy'>, bound: RatioBound): Rule[] {
  const repeated = recordsOf(records, 'accuracy.stability');
  if (plan.stability === 0 && repeated.length === 0) return [];
  const wrong = repeated.flatMap((record) => {
    const { runs, identical, max_nmse, max_abs_error, not_finite } = record;
    const place = imageInWords(record);
    if (plan.stability === 0) return [`${place}: not planned`];
    if (runs !== plan.stability) return [`${place}: ${runs} runs, ${plan.stability} were planned`];
    if (not_finite !== 0) return [`${place}: ${not_finite} values are not finite`];
    if (!isAmount(max_abs_error)) return [`${place}: max_abs_error is ${max_abs_error}`];
    if (identical && (max_nmse !== 0 || max_abs_error !== 0)) {
      return [`${place}: identical, and NMSE ${max_nmse}, max_abs_error ${max_abs_error}`];
    }
    return isWithin(max_nmse, bound.value) ? [] : [`${place}: NMSE ${ratioInWords(max_nmse, bound.value)}`];
  });
  const same = repeated.filter(({ identical }) => identical).length;
  const worst = largest(repeated.map(({ max_nmse }) => max_nmse));
  return [
    judgeGrid(
      'repeated images',
      [countingAxis('image', plan.images), namedAxis('batch', plan.batches)],
      repeated.map(({ index, batch }) => [index, batch]),
    ),
    decide('NMSE between runs', {
      missing: repeated.length === 0 ? ['accuracy.stability is not in the log'] : [],
      wrong,
      ...(repeated.length === 0 ? {} : { measured: ratioInWords(worst, bound.value) }),
      bound: `at most ${ratioInWords(bound.value)}`,
      note: `${same} of ${repeated.length} bit for bit the same; ${bound.from}`,
    }),
  ];
}
