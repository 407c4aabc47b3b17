import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ifPresent } from '../file-errors.js';
import { isDigest } from './cache-paths.js';

const digest = z.string().refine(isDigest);
const treeSchema = z.object({
  format_version: z.literal(1),
  files: z.record(z.string(), z.object({ blob_id: digest, lfs_sha256: digest.nullish() })),
});

/**
 * The digest of each file of a commit, by path, from the list that newer versions of the Python client keep
 * (`trees/<commit>.json`). Empty where there is none, or none that can be understood.
 */
export async function readCachedTree(file: string): Promise<ReadonlyMap<string, string>> {
  const text = await ifPresent(file, readFile(file, 'utf8'));
  const tree = treeSchema.safeParse(text === undefined ? undefined : parsed(text));
  if (!tree.success) return new Map();
  return new Map(
    Object.entries(tree.data.files).map(([path, entry]) => [path, entry.lfs_sha256 ?? entry.blob_id]),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
