import type { ModelDescription } from '@webssl/backend';
import { shellQuote } from '@webssl/backend/host';
import type { CompilationPlan } from './compilation-plan.js';
import { ownHostCpu } from './host-cpu.js';

/** The command that makes the offline model of a plan, to be run where the compiler is. */
export function exportCommand(
  { id, revision, imageSize }: ModelDescription,
  { size, outputs, tokens, precision, soc, batchSizes, hostCpu = ownHostCpu() }: CompilationPlan,
): string {
  const features = outputs.map((output) =>
    output === 'last_hidden_state' && tokens !== 'all' ? tokens : output,
  );
  const isOwnSize = size.height === imageSize.height && size.width === imageSize.width;
  return shellQuote([
    'webssl',
    'export',
    'om',
    '--model',
    id,
    ...(revision === undefined ? [] : ['--revision', revision]),
    '--soc',
    soc,
    '--host-cpu',
    hostCpu,
    '--batch',
    batchSizes.join(','),
    '--precision',
    precision,
    '--features',
    features.join(','),
    ...(isOwnSize ? [] : ['--image-size', `${size.height}x${size.width}`]),
    '--out',
    `${soc}-${precision}`,
  ]);
}
