import type { Thresholds } from '../thresholds.js';
import type { Rule } from '../verdict.js';
import { excerpt } from '../words.js';
import { judgeFigures, judgeNmse } from './compared-figures.js';
import { decide } from './decide.js';
import { judgePlannedBound, nmseBound } from './judge-planned-bound.js';
import { repeated } from './repeated.js';
import { named, type Run } from './runs.js';

/** Whether the tensors of one file are those of another, within the bound. */
export function judgeComparison(run: Run<'comparison'>, thresholds: Thresholds): Rule[] {
  const { plan, records } = run;
  const compared = named(records, 'accuracy.tensor');
  const names = compared.map(({ tensor }) => tensor);
  const twice = repeated(names);
  return [
    judgePlannedBound(plan),
    decide('comparison: tensors', {
      missing: names.length < plan.tensors ? [`${plan.tensors - names.length} are not in the log`] : [],
      wrong: [
        ...(plan.tensors === 0 ? ['the files have no tensor in common'] : []),
        ...(names.length > plan.tensors ? ['there are more than were planned'] : []),
        ...twice.map((tensor) => `${excerpt(tensor)} is there more than once`),
      ],
      measured: `${names.length} of ${plan.tensors}`,
    }),
    judgeFigures('the tensors', compared),
    judgeNmse('the tensors', compared, nmseBound(plan, thresholds)),
  ];
}
