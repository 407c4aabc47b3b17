import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CatalogueEntry, configJson, processorJson, tensorLayout } from '@webssl/registry';
import { layoutSafetensors, type TensorOutline } from '@webssl/tensor-files';

/** Largest data section of a shard, as the reference's writer splits (`max_shard_size="5GB"`). */
const shardBytes = 5e9;

/** Writes a checkpoint of the true architecture and file sizes whose weights are holes: zeros that take no disk. */
export async function writeSparseCheckpoint(
  folder: string,
  entry: CatalogueEntry,
): Promise<readonly string[]> {
  await writeFile(join(folder, 'config.json'), JSON.stringify(configJson(entry)));
  await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify(processorJson(entry)));
  const shards = splitIntoShards(
    tensorLayout(entry.config).map(({ name, shape }) => ({ name, shape, type: 'F32' })),
  );
  const files: string[] = [];
  const weightMap: Record<string, string> = {};
  for (const [index, shard] of shards.entries()) {
    const name = shards.length === 1 ? 'model.safetensors' : shardName(index + 1, shards.length);
    files.push(join(folder, name));
    for (const tensor of shard) weightMap[tensor.name] = name;
    const { header, byteLength } = layoutSafetensors(shard);
    const handle = await open(join(folder, name), 'w');
    await handle.write(header);
    await handle.truncate(byteLength);
    await handle.close();
  }
  if (shards.length > 1) {
    const total = shards.flat().reduce((sum, tensor) => sum + byteLengthOf(tensor), 0);
    const index = { metadata: { total_size: total }, weight_map: weightMap };
    await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify(index));
  }
  return files;
}

function splitIntoShards(tensors: readonly TensorOutline[]): TensorOutline[][] {
  const shards: TensorOutline[][] = [[]];
  let filled = 0;
  for (const tensor of tensors) {
    const bytes = byteLengthOf(tensor);
    if (filled + bytes > shardBytes) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1)?.push(tensor);
    filled += bytes;
  }
  return shards;
}

function byteLengthOf({ shape }: TensorOutline): number {
  return 4 * shape.reduce((product, size) => product * size, 1);
}

function shardName(number: number, count: number): string {
  const digits = (value: number) => String(value).padStart(5, '0');
  return `model-${digits(number)}-of-${digits(count)}.safetensors`;
}
