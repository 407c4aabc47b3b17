import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ifPresent } from '../file-errors.js';
import { isSafeRelativePath } from './relative-path.js';

const weights = 'model.safetensors';
const index = 'model.safetensors.index.json';

/** Real ones have under 100 KB. */
const largestIndexBytes = 32 * 1024 * 1024;

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

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
  if ((await isFile(folder, weights)) || !(await isFile(folder, index))) return [weights];
  return [index, ...(await shardsOf(join(folder, index)))];
}

async function shardsOf(file: string): Promise<readonly string[]> {
  const { size } = await stat(file);
  if (size > largestIndexBytes) return [];
  const content = indexSchema.safeParse(parsed(await readFile(file, 'utf8')));
  return content.success ? [...new Set(Object.values(content.data.weight_map))].sort() : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function isFile(folder: string, path: string): Promise<boolean> {
  if (!isSafeRelativePath(path)) return false;
  const file = join(folder, path);
  return (await ifPresent(file, stat(file)))?.isFile() ?? false;
}
