import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '@webssl/registry';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { examplePlan } from '../testing/example-plan.js';
import { scratchFolder } from '../testing/scratch-folder.js';
import { derivedWeights } from './derived-weights.js';
import type { QuantizationPlan } from './plan-schema.js';
import { readQuantizationPlan, storeQuantizationPlan } from './quantization-plan.js';

const scratch = scratchFolder();
const open = () => openCheckpoint(goldenCheckpoint('vit-tiny-p14'));
const size = { height: 224, width: 224 };

describe('a stored plan', () => {
  it('is read back', async () => {
    const [checkpoint, cacheFolder] = [await open(), await scratch.create('stored')];
    const plan = await examplePlan(checkpoint);
    await storeQuantizationPlan(checkpoint, plan, cacheFolder);
    expect(await readQuantizationPlan(checkpoint, size, cacheFolder)).toEqual(plan);

    const newer = { ...plan, float32: [] };
    await storeQuantizationPlan(checkpoint, newer, cacheFolder);
    expect(await readQuantizationPlan(checkpoint, size, cacheFolder)).toEqual(newer);
  });

  it('is one model’s: another has none', async () => {
    const [checkpoint, cacheFolder] = [await open(), await scratch.create('another')];
    await storeQuantizationPlan(checkpoint, await examplePlan(checkpoint), cacheFolder);
    const other = await openCheckpoint(goldenCheckpoint('vit-tiny-p16'));
    await expect(readQuantizationPlan(other, size, cacheFolder)).rejects.toMatchObject({
      code: 'GRAPH_PLAN_MISSING',
      message: expect.stringContaining(`webssl tune --model ${other.id}`),
    });
  });

  it('is one size’s: another has none, and one of its own beside it', async () => {
    const [checkpoint, cacheFolder] = [await open(), await scratch.create('sizes')];
    const plan = await examplePlan(checkpoint);
    await storeQuantizationPlan(checkpoint, plan, cacheFolder);
    const large = { height: 448, width: 336 };
    await expect(readQuantizationPlan(checkpoint, large, cacheFolder)).rejects.toMatchObject({
      code: 'GRAPH_PLAN_MISSING',
      message: expect.stringContaining('--image-size 448x336'),
    });
    await storeQuantizationPlan(checkpoint, { ...plan, size: large, float32: [] }, cacheFolder);
    expect(await readQuantizationPlan(checkpoint, size, cacheFolder)).toEqual(plan);
    expect((await readQuantizationPlan(checkpoint, large, cacheFolder)).float32).toEqual([]);
  });

  it('that replaces another takes its weights off the disk', async () => {
    const [checkpoint, cacheFolder] = [await open(), await scratch.create('replaced')];
    const plan = await examplePlan(checkpoint);
    await storeQuantizationPlan(checkpoint, plan, cacheFolder);
    await derivedWeights(checkpoint, plan, { cacheFolder });
    const newer = { ...plan, float32: [] };
    const { files } = await derivedWeights(checkpoint, newer, { cacheFolder });
    await storeQuantizationPlan(checkpoint, newer, cacheFolder);
    await storeQuantizationPlan(checkpoint, newer, cacheFolder);
    const left = await readdir(join(cacheFolder, 'derived'));
    expect(left.map((name) => join(cacheFolder, 'derived', name))).toEqual(files.map(({ file }) => file));
  });

  it.each<readonly [string, (plan: QuantizationPlan) => unknown, string]>([
    [
      'a layer that the model has not',
      (plan) => ({ ...plan, float32: ['encoder.layer.9'] }),
      'encoder.layer.9',
    ],
    [
      'too few exponents',
      (plan) => ({ ...plan, smoothing: { '0/attentionNorm': [1, 2] } }),
      '2 exponents for "0/attentionNorm"',
    ],
    [
      'exponents for a place that the model has not',
      (plan) => ({ ...plan, smoothing: { '0/gated': Array.from({ length: 256 }, () => 0) } }),
      '"0/gated"',
    ],
    ['exponents out of range', (plan) => ({ ...plan, smoothing: { '0/gathered': [100] } }), 'smoothing'],
    ['weights of 4 bits', (plan) => ({ ...plan, weightBits: 4 }), 'weightBits'],
    ['another format', (plan) => ({ ...plan, format: 'webssl quantization plan 2' }), 'format'],
    [
      'another size',
      (plan) => ({ ...plan, size: { height: 448, width: 224 } }),
      'it is for images of 448x224',
    ],
    ['other weights', (plan) => ({ ...plan, fingerprint: 'f'.repeat(64) }), 'for other weights'],
    ['nothing', () => null, 'expected object'],
  ])('with %s is refused', async (name, change, problem) => {
    const [checkpoint, cacheFolder] = [await open(), await scratch.create(name)];
    const plan = await examplePlan(checkpoint);
    const file = await storeQuantizationPlan(checkpoint, plan, cacheFolder);
    await writeFile(file, JSON.stringify(change(plan)));
    await expect(readQuantizationPlan(checkpoint, size, cacheFolder)).rejects.toMatchObject({
      code: 'GRAPH_PLAN_INVALID',
      message: expect.stringContaining(problem),
      details: { file },
    });
  });

  it('that is no JSON is refused', async () => {
    const [checkpoint, cacheFolder] = [await open(), await scratch.create('no JSON')];
    const file = await storeQuantizationPlan(checkpoint, await examplePlan(checkpoint), cacheFolder);
    await writeFile(file, '{"format": ');
    await expect(readQuantizationPlan(checkpoint, size, cacheFolder)).rejects.toMatchObject({
      code: 'GRAPH_PLAN_INVALID',
      message: expect.stringMatching(/no JSON.*webssl tune/),
      cause: expect.any(SyntaxError),
    });
  });
});
