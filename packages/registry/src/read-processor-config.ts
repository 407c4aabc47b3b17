import { join } from 'node:path';
import { type ProcessorConfig, parseProcessorConfig } from '@webssl/preprocess';
import { processorJson } from './config-files.js';
import type { LocateOptions } from './locate-model.js';
import { parseModelReference } from './model-reference.js';
import { placeOnDisk } from './place-on-disk.js';
import { readJsonFile } from './read-json-file.js';

/**
 * How a model's images are prepared, without touching its weights; those of a synthetic model are not even written.
 *
 * @param reference as `openCheckpoint` takes it
 * @throws WebsslError `MODEL_*`, `CHECKPOINT_FILE_*`, `PROCESSOR_CONFIG_INVALID`
 */
export async function readProcessorConfig(
  reference: string,
  options: LocateOptions = {},
): Promise<ProcessorConfig> {
  const parsed = await parseModelReference(reference, options.revision);
  if (parsed.kind === 'synthetic') return parseProcessorConfig(processorJson(parsed.entry));
  return readProcessorOf((await placeOnDisk(parsed, options)).folder);
}

/** The processor config of a checkpoint folder. */
export async function readProcessorOf(folder: string): Promise<ProcessorConfig> {
  return parseProcessorConfig(await readJsonFile(join(folder, 'preprocessor_config.json')));
}
