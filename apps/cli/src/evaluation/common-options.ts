import type { ImageSize } from '@webssl/backend';
import {
  checkpointProgress,
  type HubOptions,
  hubOptions,
  PullReporter,
  quantizeProgress,
  type Terminal,
} from '@webssl/command-line';
import type { EvaluationOptions } from '@webssl/evaluation';
import { findImages } from '../find-images.js';
import type { EvaluationHandles } from './run-evaluation.js';

/** Options that every command has that runs a model on devices. */
export interface CommonOptions extends HubOptions {
  readonly model: string;
  readonly imageSize?: number | ImageSize;
  readonly batch?: readonly number[];
  readonly json: boolean;
}

/** The same for the library; progress goes to the terminal. */
export async function commonOptions(
  patterns: readonly string[],
  options: CommonOptions,
  terminal: Terminal,
  { signal, onStep, onRecord }: EvaluationHandles,
): Promise<EvaluationOptions & { readonly batches?: readonly number[] }> {
  const { model, imageSize, batch } = options;
  const pull = new PullReporter(terminal);
  if (patterns.length === 0) terminal.note('No images named: using two synthetic test images.');
  return {
    ...hubOptions(options),
    model,
    ...(imageSize === undefined ? {} : { imageSize }),
    ...(batch === undefined ? {} : { batches: batch }),
    ...(patterns.length === 0 ? {} : { images: await findImages(patterns) }),
    signal,
    onProgress: checkpointProgress(terminal),
    onQuantizeProgress: quantizeProgress(terminal),
    onPull: pull.report,
    onRecord(record) {
      pull.stop();
      onRecord(record);
    },
    onStep,
  };
}
