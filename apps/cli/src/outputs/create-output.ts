import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { requireFolder } from '@webssl/tensor-files';
import type { FeatureOutput, Provenance } from './feature-output.js';
import { createJsonLinesOutput, createJsonOutput } from './json-output.js';
import { createNpyOutput } from './npy-output.js';
import { createSafetensorsOutput } from './safetensors-output.js';

const endings = ['.safetensors', '.npy', '.json', '.jsonl'];

/**
 * Says early, before a model is loaded, what would make writing fail.
 *
 * @throws WebsslError `OUTPUT_FORMAT_UNKNOWN`, `OUTPUT_WRITE_FAILED`, `OUTPUT_FOLDER_MISSING`
 */
export async function checkOutput(path: string, features: readonly string[]): Promise<void> {
  const ending = extname(path);
  if (!endings.includes(ending)) {
    throw new WebsslError({
      code: 'OUTPUT_FORMAT_UNKNOWN',
      message: `${path} must end in ${endings.join(', ')}: the ending chooses the format.`,
    });
  }
  if (ending === '.npy' && features.length !== 1) {
    throw new WebsslError({
      code: 'OUTPUT_FORMAT_UNKNOWN',
      message: `An .npy file holds one feature, not ${features.length} (${features.join(', ')}). Choose one, or write .safetensors.`,
    });
  }
  if (/[/\\]$/.test(path) || (await stat(path).catch(() => undefined))?.isDirectory()) {
    throw new WebsslError({
      code: 'OUTPUT_WRITE_FAILED',
      message: `${path} is a folder. Give the output another name.`,
    });
  }
  await requireFolder(path);
}

/** Begins a file in the format that its ending names. */
export function createOutput(
  path: string,
  origin: Pick<Provenance, 'model' | 'synthetic'>,
): Promise<FeatureOutput> {
  switch (extname(path)) {
    case '.npy':
      return createNpyOutput(path);
    case '.json':
      return createJsonOutput(path);
    case '.jsonl':
      return createJsonLinesOutput(path, origin);
    default:
      return createSafetensorsOutput(path);
  }
}
