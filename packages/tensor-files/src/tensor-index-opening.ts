import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { unreadable } from './file-reading.js';
import { type HeaderOptions, readSafetensorsHeader } from './safetensors-header.js';
import { openShards } from './shard-index.js';
import type { TensorIndex } from './tensor-index.js';

/**
 * Opens a safetensors file (`*.safetensors`), an index with its shards (`*.index.json`) or a checkpoint folder (its
 * `model.safetensors`, else its `model.safetensors.index.json`). Reads and checks headers only.
 * @throws WebsslError `SAFETENSORS_*`; the package's README has the table.
 */
export async function openTensorIndex(path: string, options: HeaderOptions = {}): Promise<TensorIndex> {
  const file = await weightFile(path);
  if (file.endsWith('.json')) return openShards(file, options);
  const { tensors, metadata, dataOffset, byteLength } = await readSafetensorsHeader(file, options);
  return { tensors, metadata, files: [{ file, dataOffset, byteLength }] };
}

async function weightFile(path: string): Promise<string> {
  if ((await kindOf(path)) !== 'folder') return path;
  const candidates = ['model.safetensors', 'model.safetensors.index.json'].map((name) => join(path, name));
  for (const candidate of candidates) {
    if ((await kindOf(candidate)) === 'file') return candidate;
  }
  throw new WebsslError({
    code: 'SAFETENSORS_CHECKPOINT_MISSING',
    message: `The folder ${path} has neither model.safetensors nor model.safetensors.index.json. Is it a checkpoint?`,
    details: { folder: path },
  });
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'nothing'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const failure = unreadable('SAFETENSORS', path, error);
    if (failure.code === 'SAFETENSORS_FILE_MISSING') return 'nothing';
    throw failure;
  }
}
