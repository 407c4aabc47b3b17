import { join } from 'node:path';
import { openTensorIndex } from '@webssl/tensor-files';
import { cacheFolder } from './cache-folder.js';
import type { Checkpoint } from './checkpoint.js';
import { checkpointFingerprint } from './checkpoint-fingerprint.js';
import { checkpointKey } from './checkpoint-key.js';
import type { ModelPlace } from './locate-model.js';
import { matchTensors } from './match-tensors.js';
import { parseModelReference } from './model-reference.js';
import { obtainModel } from './obtain-model.js';
import { parseModelConfig } from './parse-model-config.js';
import type { PullOptions } from './pull/pull-options.js';
import { readJsonFile } from './read-json-file.js';
import { readProcessorOf } from './read-processor-config.js';
import { ensureSyntheticCheckpoint } from './synthetic/synthetic-checkpoint.js';
import { readSyntheticMark } from './synthetic-mark.js';

/** How a checkpoint is found and opened. */
export interface OpenCheckpointOptions extends PullOptions {
  /** Called while a synthetic checkpoint is written for the first time. */
  readonly onProgress?: (progress: { readonly writtenBytes: number; readonly totalBytes: number }) => void;
  /** File of the worker that writes one (`@webssl/registry/synthetic-worker`), where a bundler has moved it. */
  readonly workerEntry?: string | URL;
}

/**
 * Finds a model and checks its config, processor config and tensors; the weights are not read. A hub model that is not on
 * disk is fetched, unless `offline`; a synthetic checkpoint is written when it is not there yet.
 *
 * @param reference a checkpoint folder, a catalogue id (`facebook/` optional), a hub id `organisation/name` (both kept
 * in the Hugging Face cache), or `random:<catalogue id>[@seed]` (seed 0 by default)
 * @throws WebsslError `MODEL_*`, `HUB_*`, `CACHE_*`, `CONFIG_*`, `CHECKPOINT_*`, `SYNTHETIC_*` (the package's README has the table), `PROCESSOR_*` of
 * `@webssl/preprocess` and `SAFETENSORS_*` of `@webssl/tensor-files`.
 */
export async function openCheckpoint(
  reference: string,
  options: OpenCheckpointOptions = {},
): Promise<Checkpoint> {
  const { signal } = options;
  signal?.throwIfAborted();
  const { id, folder, revision } = await obtain(reference, options);

  const configFile = join(folder, 'config.json');
  const config = parseModelConfig(await readJsonFile(configFile), configFile);
  const processor = await readProcessorOf(folder);
  signal?.throwIfAborted();
  const index = await openTensorIndex(folder);
  signal?.throwIfAborted();

  return {
    id,
    revision,
    folder,
    config,
    processor,
    ...matchTensors(config, index, folder),
    index,
    synthetic: readSyntheticMark(index, folder),
    key: await checkpointKey(config, index),
    fingerprint: (signal) => checkpointFingerprint(config, index, signal),
  };
}

async function obtain(text: string, options: OpenCheckpointOptions): Promise<ModelPlace> {
  const reference = await parseModelReference(text, options.revision);
  if (reference.kind !== 'synthetic') return obtainModel(reference, options);
  const { id, entry, seed } = reference;
  const { folder } = await ensureSyntheticCheckpoint({
    ...options,
    entry,
    seed,
    cacheFolder: options.cacheFolder ?? cacheFolder(),
  });
  return { id, folder, revision: undefined };
}
