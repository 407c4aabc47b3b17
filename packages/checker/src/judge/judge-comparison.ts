import { recordsOf } from '../records-of.js';
import type { Thresholds } from '../thresholds.js';
import type { Rule } from '../verdict.js';
import { excerpt } from '../words.js';
import { combine } from './combine.js';
import { judgeFigures, judgeNmse } from './compared-figures.js';
import { decide } from './decide.js';
import { judgePlannedBound, nmseBound } from './judge-planned-bound.js';
import { judgeRun } from './judge-run.js';
import { repeated } from './repeated.js';
import type { Run } from './runs.js';

/** Whether the tensors of one file are those of another, within the bound. */
export function judgeComparison(run: Run<'comparison'>, thresholds: Thresholds): Rule[] {
  const { plan, records } = run;
  const compared = recordsOf(records, 'accuracy.tensor');
  const names = compared.map(({ tensor }) => tensor);
  const twice = repeated(names);
  const nmse = judgeNmse('the tensors', compared, nmseBound(plan, thresholds));
  return [
    judgeRun(run, [judgePlannedBound(plan)]),
    decide('compared tensors', {
      missing: names.length < plan.tensors ? [`${plan.tensors - names.length} are not in the log`] : [],
      wrong: [
        ...(plan.tensors === 0 ? ['the files have no tensor in common'] : []),
        ...(names.length > plan.tensors ? ['there are more than were planned'] : []),
        ...twice.map((tensor) => `${excerpt(tensor)} is there more than once`),
      ],
      measured: `${names.length} of ${plan.tensors}`,
      ...(plan.synthetic === true ? { note: 'synthetic weights' } : {}),
    }),
    combine(nmse.name, [judgeFigures('the tensors', compared), nmse], nmse),
  ];
}
