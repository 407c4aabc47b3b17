import type { Thresholds } from '../thresholds.js';
import type { Rule } from '../verdict.js';
import type { RatioBound } from './compared-figures.js';
import { decide } from './decide.js';
import type { PlanOf } from './runs.js';

type BoundedPlan = PlanOf<'accuracy' | 'comparison'>;

/** The bound on the NMSE: that of the thresholds, else that of the plan. */
export function nmseBound(plan: BoundedPlan, { maxNmse }: Thresholds): RatioBound {
  return maxNmse === undefined
    ? { value: plan.max_nmse, from: 'bound of the plan' }
    : { value: maxNmse, from: 'bound of the thresholds' };
}

/** Whether the plan's own bound is one; also where the thresholds have another. */
export function judgePlannedBound({ max_nmse }: BoundedPlan): Rule {
  const isBound = Number.isFinite(max_nmse) && max_nmse > 0;
  return decide('planned bound', {
    wrong: isBound ? [] : [`max_nmse of the plan is ${max_nmse}`],
  });
}
