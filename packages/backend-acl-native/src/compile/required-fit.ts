import { type ModelSource, WebsslError } from '@webssl/backend';
import { type CompilationPlan, covers } from './compilation-plan.js';
import { exportCommand } from './export-command.js';
import type { OfflineModel } from './manifest.js';

/**
 * Checks that an offline model is of this model and gives what the plan asks for. Its batch sizes may be others: any batch is
 * split and padded.
 * @throws WebsslError `BACKEND_OFFLINE_MODEL_UNFIT` with the command that makes a fitting one.
 */
export function requireFit(
  source: ModelSource,
  fingerprint: string,
  plan: CompilationPlan,
  { folder, manifest }: OfflineModel,
): void {
  const { id } = source.describe();
  const misfit = firstMisfit(fingerprint, id, plan, manifest);
  if (misfit === undefined) return;
  const command = exportCommand(source.describe(), plan);
  throw new WebsslError({
    code: 'BACKEND_OFFLINE_MODEL_UNFIT',
    message: `The offline model ${folder} ${misfit}. Make one that fits: ${command}`,
    details: { folder, command },
  });
}

function firstMisfit(
  fingerprint: string,
  id: string,
  plan: CompilationPlan,
  { model, size, outputs, tokens, precision, soc }: OfflineModel['manifest'],
): string | undefined {
  if (model.fingerprint !== fingerprint) {
    return `was made of ${model.id} with other weights or config than those of ${id}`;
  }
  if (soc !== plan.soc) return `was compiled for ${soc}, and the device is ${plan.soc}`;
  if (precision !== plan.precision) return `computes in ${precision}, and ${plan.precision} is asked for`;
  if (size.height !== plan.size.height || size.width !== plan.size.width) {
    return `takes images of ${size.height}x${size.width}, and ${plan.size.height}x${plan.size.width} is asked for`;
  }
  if (covers({ outputs, tokens }, plan)) return undefined;
  const asked = `${plan.outputs.join(', ')} (tokens: ${plan.tokens})`;
  return `was compiled for ${outputs.join(', ')} (tokens: ${tokens}), and ${asked} is asked for`;
}
