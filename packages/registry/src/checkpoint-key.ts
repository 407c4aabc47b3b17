import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import type { TensorIndex } from '@webssl/tensor-files';
import type { ModelConfig } from './model-config.js';

/**
 * A text of 64 hexadecimal digits that changes when the config or a weight file does. A file of the Hugging Face cache
 * counts by its hash, which is its name there; any other by real path, inode, length and time of change, without reading it.
 */
export async function checkpointKey(config: ModelConfig, index: TensorIndex): Promise<string> {
  const files = await Promise.all(index.files.map(({ file }) => fileIdentity(file)));
  return createHash('sha256')
    .update(JSON.stringify([Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)), files]))
    .digest('hex');
}

/** SHA-256 of a file of the Hugging Face cache, which is its name there. */
export function blobHash(realPath: string): string | undefined {
  return /[\\/]blobs[\\/](?:[0-9a-f]{2}[\\/])?([0-9a-f]{64})$/.exec(realPath)?.[1];
}

async function fileIdentity(file: string): Promise<readonly string[]> {
  const path = await realpath(file);
  const blob = blobHash(path);
  if (blob !== undefined) return [blob];
  // Not the inode's time of change: a hard link to the file, as exporting a model makes, would make another model of it.
  const { size, mtimeNs, ino } = await stat(path, { bigint: true });
  return [path, `${size}`, `${mtimeNs}`, `${ino}`];
}
