import { describe, expect, it } from 'vitest';
import { catalogue, findCatalogueEntry } from '../catalogue.js';
import { tensorLayout } from '../tensor-layout.js';
import { type PlannedFile, planCheckpoint } from './checkpoint-plan.js';
import { entryWith } from './testing/tiny-entry.js';
import { weightDistribution } from './weight-distributions.js';

function plan(id: string): readonly PlannedFile[] {
  const entry = findCatalogueEntry(id);
  if (entry === undefined) throw new Error(id);
  return planCheckpoint(entry, 0);
}

const weightFiles = (files: readonly PlannedFile[]) =>
  files.filter(({ name }) => name.endsWith('.safetensors'));
const dataBytes = ({ fills }: PlannedFile) => fills.reduce((bytes, { length }) => bytes + 4 * length, 0);

describe('planCheckpoint', () => {
  it.each(catalogue().map((entry) => [entry.id, entry] as const))(
    'fills every byte of %s once',
    (_, entry) => {
      const files = weightFiles(planCheckpoint(entry, 0));
      expect(files).toHaveLength(entry.files);
      for (const { head, fills, byteLength } of files) {
        let end = head.length;
        for (const { offset, length } of fills) {
          expect(offset).toBe(end);
          end += 4 * length;
        }
        expect(end).toBe(byteLength);
      }
      expect(files.reduce((bytes, file) => bytes + dataBytes(file), 0)).toBe(entry.bytes);
    },
  );

  it('gives every tensor keys of its own', () => {
    const keys = weightFiles(plan('webssl-dino7b-full8b-518')).flatMap(({ fills }) =>
      fills.map((fill) => `${fill.keys}`),
    );
    expect(new Set(keys).size).toBe(583);
  });

  // The sizes that the reference's rule gives, in gigabytes, computed apart.
  it.each([
    ['webssl-mae2b-full2b-224', [4.982, 3.383]],
    ['webssl-mae3b-full2b-224', [4.995, 4.985, 1.85]],
    ['webssl-dino2b-full2b-224', [4.983, 3.354]],
    ['webssl-dino3b-full2b-224', [4.995, 4.985, 1.813]],
  ])('splits %s where the reference does', (id, gigabytes) => {
    const files = plan(id);
    const shards = weightFiles(files);
    expect(shards.map((shard) => Math.round(dataBytes(shard) / 1e6) / 1e3)).toEqual(gigabytes);
    const names = gigabytes.map(
      (_, index) => `model-0000${index + 1}-of-0000${gigabytes.length}.safetensors`,
    );
    expect(shards.map(({ name }) => name)).toEqual(names);

    const index = files.find(({ name }) => name === 'model.safetensors.index.json');
    const { metadata, weight_map } = JSON.parse(new TextDecoder().decode(index?.head));
    expect(metadata.total_size).toBe(shards.reduce((bytes, shard) => bytes + dataBytes(shard), 0));
    expect(new Set(Object.values(weight_map))).toEqual(new Set(names));
    expect(weight_map['embeddings.cls_token']).toBe(names[0]);
    expect(weight_map['layernorm.weight']).toBe(names.at(-1));
  });

  it('writes one file and no index below the limit', () => {
    expect(plan('webssl-mae700m-full2b-224').map(({ name }) => name)).toEqual([
      'config.json',
      'preprocessor_config.json',
      'model.safetensors',
    ]);
  });
});

describe('weightDistribution', () => {
  it('knows every tensor of every architecture', () => {
    const configs = [
      ...catalogue().map(({ config }) => config),
      entryWith('Web-DINO', { feedForward: 'gelu', feedForwardSize: 256 }).config,
    ];
    for (const config of configs) {
      for (const { name } of tensorLayout(config)) {
        expect(weightDistribution(name, config).halfWidth).toBeGreaterThan(0);
      }
    }
  });

  it('tells the projections of attention and of the feed-forward network apart', () => {
    const { config } = entryWith('Web-MAE', { layers: 4, hiddenSize: 100, feedForwardSize: 400 });
    const deviation = (name: string) =>
      weightDistribution(`encoder.layer.0.${name}`, config).halfWidth / Math.sqrt(3);
    expect(deviation('attention.attention.query.weight')).toBeCloseTo(0.16, 10);
    expect(deviation('attention.attention.value.weight')).toBeCloseTo(0.1, 10);
    expect(deviation('attention.output.dense.weight')).toBeCloseTo(0.07, 10);
    expect(deviation('intermediate.dense.weight')).toBeCloseTo(0.1, 10);
    expect(deviation('output.dense.weight')).toBeCloseTo(0.5 / 0.652 / 20, 10);
    expect(weightDistribution('encoder.layer.0.layernorm_before.weight', config).center).toBe(1);
    expect(weightDistribution('layernorm.bias', config).center).toBe(0);
  });
});
