import { copyFile, cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTensorIndex, readTensor, type WritableTensor, writeSafetensors } from '@webssl/tensor-files';

/** What a test changes about a checkpoint. */
export interface CheckpointEdit {
  readonly config?: (json: Record<string, unknown>) => unknown;
  readonly tensors?: (
    tensors: ReadonlyMap<string, WritableTensor>,
  ) => ReadonlyMap<string, WritableTensor> | Iterable<readonly [string, WritableTensor]>;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Copies a checkpoint into a new temporary folder, as it is. */
export async function copiedCheckpoint(source: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'webssl-checkpoint-'));
  await cp(source, folder, { recursive: true });
  return folder;
}

/** Copies a checkpoint into a new temporary folder, with changes and as one safetensors file. */
export async function editedCheckpoint(source: string, edit: CheckpointEdit): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'webssl-checkpoint-'));
  const config = JSON.parse(await readFile(join(source, 'config.json'), 'utf8'));
  await writeFile(join(folder, 'config.json'), JSON.stringify(edit.config?.(config) ?? config));
  await copyFile(join(source, 'preprocessor_config.json'), join(folder, 'preprocessor_config.json'));
  const index = await openTensorIndex(source);
  const tensors = new Map<string, WritableTensor>();
  for (const entry of index.tensors.values()) {
    tensors.set(entry.name, await readTensor(entry));
  }
  await writeSafetensors(
    join(folder, 'model.safetensors'),
    new Map(edit.tensors?.(tensors) ?? tensors),
    edit.metadata,
  );
  return folder;
}

/** Renames tensors. */
export function renamed(rename: (name: string) => string): NonNullable<CheckpointEdit['tensors']> {
  return (tensors) => [...tensors].map(([name, tensor]) => [rename(name), tensor] as const);
}
