import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ifPresent } from '../file-errors.js';
import { longestWeightIndex, shardNamesInText, weightIndexName } from '../weight-index.js';
import { isSafeRelativePath } from './relative-path.js';

const weights = 'model.safetensors';

/**
 * What a checkpoint folder lacks to be run: `config.json`, `preprocessor_config.json`, and `model.safetensors` or its
 * index with every shard that it names. Empty for a complete one. A link to nothing counts as missing. Lengths and
 * contents are not looked at; an index that cannot be understood is left to `openCheckpoint`, which says why.
 *
 * A snapshot may lack files because a download has not ended, or because the Python client was asked for others: both
 * are mended by fetching what is missing.
 */
export async function missingFiles(folder: string): Promise<readonly string[]> {
  const needed = ['config.json', 'preprocessor_config.json', ...(await weightFiles(folder))];
  const present = await Promise.all(needed.map((path) => isFile(folder, path)));
  return needed.filter((_, position) => !present[position]);
}

/** As `openTensorIndex` chooses: the single file before an index. */
async function weightFiles(folder: string): Promise<readonly string[]> {
  if ((await isFile(folder, weights)) || !(await isFile(folder, weightIndexName))) return [weights];
  return [weightIndexName, ...(await shardsOf(join(folder, weightIndexName)))];
}

async function shardsOf(file: string): Promise<readonly string[]> {
  const { size } = await stat(file);
  if (size > longestWeightIndex) return [];
  return shardNamesInText(await readFile(file, 'utf8')) ?? [];
}

async function isFile(folder: string, path: string): Promise<boolean> {
  if (!isSafeRelativePath(path)) return false;
  const file = join(folder, path);
  return (await ifPresent(file, stat(file)))?.isFile() ?? false;
}
