import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import type { TensorIndex } from '@webssl/tensor-files';
import { hashContent } from './cache/hash-content.js';
import { blobHash } from './checkpoint-key.js';
import type { ModelConfig } from './model-config.js';

/**
 * A text of 64 hexadecimal digits that is the same wherever config and weight files have the same content. A file of the
 * Hugging Face cache has its hash in its name; any other is read.
 *
 * @throws the signal's reason; `ENOENT` and its like where a file has gone meanwhile
 */
export async function checkpointFingerprint(
  config: ModelConfig,
  index: TensorIndex,
  signal?: AbortSignal,
): Promise<string> {
  const hashes: string[] = [];
  for (const { file } of index.files) hashes.push(await contentHash(file, signal));
  return createHash('sha256')
    .update(JSON.stringify([Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)), hashes]))
    .digest('hex');
}

async function contentHash(file: string, signal: AbortSignal | undefined): Promise<string> {
  const path = await realpath(file);
  return blobHash(path) ?? hashContent(path, 'sha256', { ...(signal && { signal }) });
}
