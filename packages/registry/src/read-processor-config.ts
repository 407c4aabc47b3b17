import { join } from 'node:path';
import { type ProcessorConfig, parseProcessorConfig } from '@webssl/preprocess';
import { processorJson } from './config-files.js';
import { parseModelReference } from './model-reference.js';
import { obtainProcessorFolder } from './obtain-model.js';
import type { PullOptions } from './pull/pull-options.js';
import { readJsonFile } from './read-json-file.js';

/**
 * How a model's images are prepared, without touching its weights; those of a synthetic model are not even written,
 * and of a hub model that is not on disk only this file is fetched.
 *
 * @param reference as `openCheckpoint` takes it
 * @throws WebsslError `MODEL_*`, `HUB_*`, `CACHE_*`, `CHECKPOINT_FILE_*`, `PROCESSOR_CONFIG_INVALID`
 */
export async function readProcessorConfig(
  reference: string,
  options: PullOptions = {},
): Promise<ProcessorConfig> {
  const parsed = await parseModelReference(reference, options.revision);
  if (parsed.kind === 'synthetic') return parseProcessorConfig(processorJson(parsed.entry));
  return readProcessorOf(await obtainProcessorFolder(parsed, options));
}

/** The processor config of a checkpoint folder. */
export async function readProcessorOf(folder: string): Promise<ProcessorConfig> {
  return parseProcessorConfig(await readJsonFile(join(folder, 'preprocessor_config.json')));
}
