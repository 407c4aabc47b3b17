import { z } from 'zod';

/** Name of the file that says which shard holds which tensor. */
export const weightIndexName = 'model.safetensors.index.json';

/** An index of more is none. Real ones have under 100 KB. */
export const longestWeightIndex = 16 * 1024 * 1024;

const schema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** The names of the shards, each once, in order; undefined for what is no index. Not checked: they come from outside. */
export function shardNames(index: unknown): readonly string[] | undefined {
  const parsed = schema.safeParse(index);
  return parsed.success ? [...new Set(Object.values(parsed.data.weight_map))].sort() : undefined;
}

/** The same for the text of an index. */
export function shardNamesInText(text: string): readonly string[] | undefined {
  try {
    return shardNames(JSON.parse(text));
  } catch {
    return undefined;
  }
}
