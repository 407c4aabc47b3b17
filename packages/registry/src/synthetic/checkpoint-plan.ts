import { layoutSafetensors, type TensorOutline } from '@webssl/tensor-files';
import type { CatalogueEntry } from '../catalogue.js';
import { configJson, processorJson } from '../config-files.js';
import { byteLengthOf, splitIntoShards } from '../shards.js';
import { tensorLayout } from '../tensor-layout.js';
import { type Distribution, type TensorKeys, tensorKeys } from './random-numbers.js';
import { weightDistribution } from './weight-distributions.js';

/** Changes whenever the same seed gives other numbers, so that no cache mixes the two. */
export const recipeVersion = 1;

/** One tensor to be filled. */
export interface TensorFill {
  /** Where its data begins, in bytes from the start of the file. */
  readonly offset: number;
  /** Length in numbers. */
  readonly length: number;
  readonly keys: TensorKeys;
  readonly distribution: Distribution;
}

/** One file of a checkpoint. A JSON file is all `head`. */
export interface PlannedFile {
  readonly name: string;
  readonly byteLength: number;
  readonly head: Uint8Array;
  readonly fills: readonly TensorFill[];
}

/** Every file of a synthetic checkpoint, as the reference names and fills them. */
export function planCheckpoint(entry: CatalogueEntry, seed: number): readonly PlannedFile[] {
  const tensors = tensorLayout(entry.config).map(
    ({ name, shape }): TensorOutline => ({ name, shape, type: 'F32' }),
  );
  const shards = splitIntoShards(tensors);
  const shardName = (index: number) =>
    shards.length === 1
      ? 'model.safetensors'
      : `model-${fiveDigits(index + 1)}-of-${fiveDigits(shards.length)}.safetensors`;
  const metadata = {
    format: 'pt',
    'webssl.model': entry.id,
    'webssl.recipe': `${recipeVersion}`,
    'webssl.seed': `${seed}`,
    'webssl.synthetic': 'true',
  };
  const files = [
    jsonFile('config.json', {
      ...configJson(entry),
      webssl: { synthetic: true, seed, recipe: recipeVersion },
    }),
    jsonFile('preprocessor_config.json', processorJson(entry)),
    ...shards.map((shard, index) => weightFile(shardName(index), shard, metadata, entry, seed)),
  ];
  if (shards.length > 1) files.push(indexFile(shards, shardName));
  return files;
}

function weightFile(
  name: string,
  shard: readonly TensorOutline[],
  metadata: Readonly<Record<string, string>>,
  { config }: CatalogueEntry,
  seed: number,
): PlannedFile {
  const { header, tensors, byteLength } = layoutSafetensors(shard, metadata);
  return {
    name,
    byteLength,
    head: header,
    fills: tensors.map((tensor) => ({
      offset: tensor.offset,
      length: tensor.byteLength / Float32Array.BYTES_PER_ELEMENT,
      keys: tensorKeys(seed, tensor.name),
      distribution: weightDistribution(tensor.name, config),
    })),
  };
}

function indexFile(
  shards: readonly (readonly TensorOutline[])[],
  shardName: (index: number) => string,
): PlannedFile {
  const names = shards.flatMap((shard, index) => shard.map(({ name }) => [name, shardName(index)] as const));
  return jsonFile('model.safetensors.index.json', {
    metadata: { total_size: shards.flat().reduce((sum, tensor) => sum + byteLengthOf(tensor), 0) },
    weight_map: Object.fromEntries(names.sort(([a], [b]) => (a < b ? -1 : 1))),
  });
}

function jsonFile(name: string, content: unknown): PlannedFile {
  const head = new TextEncoder().encode(`${JSON.stringify(content, null, 2)}\n`);
  return { name, byteLength: head.length, head, fills: [] };
}

function fiveDigits(number: number): string {
  return `${number}`.padStart(5, '0');
}
