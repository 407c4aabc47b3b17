import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '@webssl/backend';
import { openTensorIndex, readTensor } from '@webssl/tensor-files';
import { goldenOutputs } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import type { ModelConfig } from '../model-config.js';
import { ensureSyntheticCheckpoint } from './synthetic-checkpoint.js';
import { plainForward, type Weights } from './testing/plain-forward.js';
import { entryWith } from './testing/tiny-entry.js';

/** As deep as the catalogue's models and narrow, so that plain loops are fast enough. */
const small: Partial<ModelConfig> = { hiddenSize: 64, heads: 2, patchSize: 32, imageSize: 224 };

const architectures = [
  ['Web-MAE', entryWith('Web-MAE', { ...small, layers: 40, feedForwardSize: 256 })],
  ['Web-DINO', entryWith('Web-DINO', { ...small, layers: 24, feedForwardSize: 176 })],
] as const;

async function readAll(path: string): Promise<Weights> {
  const { tensors } = await openTensorIndex(path);
  const read = [...tensors.values()].map(
    async (entry): Promise<[string, Tensor]> => [entry.name, await readTensor(entry)],
  );
  return new Map(await Promise.all(read));
}

async function photograph(name: string): Promise<Float32Array> {
  const found = goldenOutputs().find(({ image, size }) => image.startsWith(name) && size === null);
  const pixels = found && (await readAll(found.path)).get('pixel_values');
  if (pixels?.data.length !== 3 * 224 * 224) throw new Error(`no pixel values of ${name}`);
  return pixels.data;
}

function cosine(a: Float64Array, b: Float64Array): number {
  const dot = (x: Float64Array, y: Float64Array) =>
    x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

describe.each(architectures)('a synthetic %s behaves like a trained model', (_, entry) => {
  const { config } = entry;
  const prepared = (async () => {
    const cacheFolder = await mkdtemp(join(tmpdir(), 'webssl-synthetic-'));
    const { folder } = await ensureSyntheticCheckpoint({ entry, seed: 0, cacheFolder });
    const weights = await readAll(folder);
    await rm(cacheFolder, { recursive: true });
    const [cat, astronaut] = [await photograph('chelsea'), await photograph('astronaut')];
    return {
      weights,
      cat,
      reference: plainForward(config, weights, cat),
      other: plainForward(config, weights, astronaut),
    };
  })();

  it('attends to some tokens more than to others, in every layer', async () => {
    const { reference, other } = await prepared;
    for (const entropy of [...reference.entropies, ...other.entropies]) {
      expect(entropy).toBeGreaterThan(0.3);
      expect(entropy).toBeLessThan(0.95);
    }
  });

  it('tells two photographs apart in CLS', async () => {
    const { reference, other } = await prepared;
    const [a, b] = [reference.tokens[0], other.tokens[0]];
    expect(a && b && cosine(a, b)).toBeLessThan(0.95);
  });

  it.each([0, 1, 2, 3])('needs each layer (quarter %i of the depth)', async (quarter) => {
    const { weights, cat, reference } = await prepared;
    const skipped = Math.floor(((config.layers - 1) * quarter) / 3);
    const { tokens } = plainForward(config, weights, cat, skipped);
    const sum = (values: readonly Float64Array[]) =>
      values.flatMap((row) => [...row]).reduce((total, x) => total + x * x, 0);
    const difference = tokens.map((token, row) =>
      token.map((value, index) => value - (reference.tokens[row]?.[index] ?? 0)),
    );
    expect(sum(difference) / sum(reference.tokens)).toBeGreaterThan(1e-3);
  });
});
