import type { ModelPart, OnnxModel } from '@webssl/backend';
import type { Checkpoint } from '@webssl/registry';
import { buildPart } from '../build-part.js';
import { planPart } from '../part-plan.js';
import { derivedWeightSet } from '../weight-set.js';
import { type DerivedWeightsOptions, derivedWeights } from './derived-weights.js';
import type { QuantizationPlan } from './plan-schema.js';

/**
 * A part as `cpu:tuned` would have it if that plan were stored: to look at what it gives before it is.
 * @throws as making derived weights does, and `GRAPH_*` when the part cannot be built
 */
export async function plannedGraph(
  checkpoint: Checkpoint,
  plan: QuantizationPlan,
  part: ModelPart,
  options: DerivedWeightsOptions,
): Promise<OnnxModel> {
  const weights = derivedWeightSet(await derivedWeights(checkpoint, plan, options));
  return buildPart(checkpoint.config, weights, planPart(part, checkpoint.config), {
    precision: part.precision,
  });
}
