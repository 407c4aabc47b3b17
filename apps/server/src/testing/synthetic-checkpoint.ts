import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTensorIndex, readTensor, writeSafetensors } from '@webssl/tensor-files';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';

/** A tiny checkpoint that says of itself that its weights are random numbers. */
export async function writeSyntheticCheckpoint(): Promise<{
  readonly folder: string;
  readonly remove: () => Promise<void>;
}> {
  const from = goldenCheckpoint('vit-tiny-p14');
  const folder = await mkdtemp(join(tmpdir(), 'webssl-synthetic-'));
  for (const name of ['config.json', 'preprocessor_config.json']) {
    await copyFile(join(from, name), join(folder, name));
  }
  const { tensors } = await openTensorIndex(join(from, 'model.safetensors'));
  const read = [...tensors.values()].map(async (entry) => [entry.name, await readTensor(entry)] as const);
  await writeSafetensors(join(folder, 'model.safetensors'), new Map(await Promise.all(read)), {
    format: 'pt',
    'webssl.synthetic': 'true',
    'webssl.seed': '1',
  });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
