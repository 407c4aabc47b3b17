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

/** The bound on the NMSE of layers: that of the thresholds or of the plan for layers, else that on the whole. */
export function layerNmseBound(plan: PlanOf<'accuracy'>, thresholds: Thresholds): RatioBound {
  const { maxLayerNmse } = thresholds;
  if (maxLayerNmse !== undefined) return { value: maxLayerNmse, from: 'bound of the thresholds' };
  return plan.max_layer_nmse === undefined
    ? nmseBound(plan, thresholds)
    : { value: plan.max_layer_nmse, from: 'bound of the plan' };
}

/** Whether the plan's own bounds are such; also where the thresholds have others. */
export function judgePlannedBound(plan: BoundedPlan): Rule {
  const { max_nmse } = plan;
  const bounds = { max_nmse, ...(plan.kind === 'accuracy' ? { max_layer_nmse: plan.max_layer_nmse } : {}) };
  return decide('planned bound', {
    wrong: Object.entries(bounds).flatMap(([name, bound]) =>
      bound === undefined || (Number.isFinite(bound) && bound > 0) ? [] : [`${name} of the plan is ${bound}`],
    ),
  });
}
