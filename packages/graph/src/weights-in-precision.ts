import type { ModelPart } from '@webssl/backend';
import type { Checkpoint } from '@webssl/registry';
import { graphError } from './graph-error.js';
import { type DerivedWeightsOptions, derivedWeights } from './quantization/derived-weights.js';
import { readQuantizationPlan, tuneCommand } from './quantization/quantization-plan.js';
import { plainRecipe } from './quantization/weight-recipe.js';
import { checkpointWeights, derivedWeightSet, type WeightSet } from './weight-set.js';

const supported = ['fp32', 'bf16', 'int8', 'tuned'];

/** Weights of a checkpoint for a part's precision; those that have to be made are made first. */
export async function weightsInPrecision(
  checkpoint: Checkpoint,
  { precision = 'fp32', weightBits = 8, size }: ModelPart,
  options: DerivedWeightsOptions,
): Promise<WeightSet> {
  switch (precision) {
    case 'fp32':
    case 'bf16':
      return checkpointWeights(checkpoint);
    case 'int8':
      return derivedWeightSet(await derivedWeights(checkpoint, plainRecipe(weightBits), options));
    case 'tuned': {
      const plan = await readQuantizationPlan(checkpoint, size, options.cacheFolder, options.signal);
      if (plan.weightBits !== weightBits) {
        throw graphError(
          'GRAPH_PLAN_INVALID',
          `The plan for ${checkpoint.id} was measured on ${plan.processor} with weights of ${plan.weightBits} bits, and this processor takes ${weightBits}: what was measured there does not hold here. Measure it here with ${tuneCommand(checkpoint, size)}`,
          { planned: plan.weightBits, needed: weightBits },
        );
      }
      return derivedWeightSet(await derivedWeights(checkpoint, plan, options));
    }
    default:
      throw graphError(
        'GRAPH_PRECISION_UNSUPPORTED',
        `A graph cannot be built in the precision ${JSON.stringify(precision)}: there are ${supported.join(', ')}.`,
        { precision, supported },
      );
  }
}
