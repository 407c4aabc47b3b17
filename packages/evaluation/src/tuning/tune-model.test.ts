import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadEncoder } from '@webssl/encoder';
import { nmse } from '@webssl/metrics';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { plantOutliers } from '@webssl-tooling/planted-outliers';
import { beforeAll, describe, expect, it } from 'vitest';
import { scratchFolder } from '../testing/scratch-folder.js';
import { drawFrontier } from './frontier-picture.js';
import { tuneModel } from './tune-model.js';
import type { TuningResult } from './tune-options.js';

const scratch = scratchFolder();
const images = ['astronaut.png', 'chelsea.png'].map(goldenImage);

async function clsOf(model: string, device: string, cacheFolder: string, image: string) {
  const encoder = await loadEncoder(model, { device, cacheFolder });
  try {
    return (await encoder.encode(image, { features: ['cls'] })).cls.data;
  } finally {
    await encoder.close();
  }
}

describe.each(['vit-tiny-p14', 'dinov2-tiny-p14'])('a model with planted outlier channels: %s', (name) => {
  let model: string;
  let cacheFolder: string;
  let result: TuningResult;
  beforeAll(async () => {
    model = scratch.path(`planted-${name}`);
    cacheFolder = scratch.path(`cache-${name}`);
    await plantOutliers(goldenCheckpoint(name), model);
    result = await tuneModel({ model, images, maxNmse: 0.01, cacheFolder });
  });

  it('breaks in plain int8 and holds the bound when it is tuned', () => {
    const [plain] = result.frontier;
    expect(plain).toMatchObject({ kind: 'plain', float32: [] });
    expect(plain?.nmse).toBeGreaterThan(0.05);
    expect(result).toMatchObject({ verdict: 'PASS', isSmoothed: true });
    expect(result.chosen?.nmse).toBeLessThanOrEqual(0.01);
    expect(result.chosen?.clsNmse).toBeLessThanOrEqual(0.01);
  });

  it('leaves linear layers in int8', () => {
    // How many depends on times, too, which say little of a model that is done in milliseconds.
    expect(result.chosen?.float32.length).toBeLessThanOrEqual((result.model.linears * 5) / 6);
  });

  it('stores a plan that cpu:tuned uses, on another image too', async () => {
    const stored = JSON.parse(await readFile(result.planFile ?? '', 'utf8'));
    expect(stored).toMatchObject({
      verdict: 'PASS',
      bound: 0.01,
      float32: result.chosen?.float32,
      measured: { nmse: result.chosen?.nmse },
      images: images.map((image) => ({ name: image, sha256: expect.stringMatching(/^[\da-f]{64}$/) })),
    });
    const other = goldenImage('rocket.jpg');
    const [float32, tuned, int8] = [
      await clsOf(model, 'cpu', cacheFolder, other),
      await clsOf(model, 'cpu:tuned', cacheFolder, other),
      await clsOf(model, 'cpu:int8', cacheFolder, other),
    ];
    expect(nmse(tuned, float32)).toBeLessThan(0.05);
    expect(nmse(tuned, float32)).toBeGreaterThan(0);
    expect(nmse(int8, float32)).toBeGreaterThan(0.1);
  });

  it('leaves no weights in both forms behind', async () => {
    // Those of int8 and those of the plan.
    expect(await readdir(join(cacheFolder, 'derived'))).toHaveLength(2);
  });

  it('has a share of the error for every layer and linear layer', () => {
    expect(result.layers.map(({ layer }) => layer)).toEqual([0, 1, 2, 3]);
    for (const { nmse: layerNmse, linears } of result.layers) {
      expect(layerNmse).toBeGreaterThan(0);
      expect(linears).toHaveLength(6);
      expect(linears.reduce((sum, linear) => sum + linear.nmse, 0)).toBeCloseTo(layerNmse, 8);
    }
  });

  it('draws a picture that is a file of its own', async () => {
    const svg = await drawFrontier(result);
    expect(svg).toMatch(/^<\?xml[^>]*>\n<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toContain('bound 0.01');
  });
});

it('a bound that no plan keeps is a FAIL, and nothing is stored', async () => {
  const cacheFolder = scratch.path('cache-strict');
  const model = goldenCheckpoint('dinov2-tiny-p14');
  const result = await tuneModel({ model, images, maxNmse: 1e-7, cacheFolder });
  expect(result.verdict).toBe('FAIL');
  expect(result.chosen).toBeUndefined();
  expect(await readdir(cacheFolder)).not.toContain('plans');
  await expect(clsOf(model, 'cpu:tuned', cacheFolder, images[0] ?? '')).rejects.toMatchObject({
    code: 'GRAPH_PLAN_MISSING',
  });
});

it('an image that cannot be used is told and left out; without any other there is nothing to measure', async () => {
  const told: string[] = [];
  const options = {
    model: goldenCheckpoint('vit-tiny-p14'),
    cacheFolder: scratch.path('cache-images'),
    onUnusableImage: (name: string) => told.push(name),
  };
  const absent = scratch.path('absent.png');
  const result = await tuneModel({ ...options, images: [absent, images[0] ?? ''] });
  expect(told).toEqual([absent]);
  expect(result.images).toEqual([images[0]]);
  await expect(tuneModel({ ...options, images: [absent] })).rejects.toMatchObject({
    code: 'EVALUATION_IMAGES_UNUSABLE',
  });
});

it('an abort ends it with the reason and leaves no plan', async () => {
  const abort = new AbortController();
  const cacheFolder = scratch.path('cache-aborted');
  const tuning = tuneModel({
    model: goldenCheckpoint('vit-tiny-p14'),
    images,
    cacheFolder,
    signal: abort.signal,
    onStage: (stage) => {
      if (stage.includes('every layer')) abort.abort(new Error('enough'));
    },
  });
  await expect(tuning).rejects.toThrow('enough');
  expect(await readdir(cacheFolder)).not.toContain('plans');
  expect(await readdir(join(cacheFolder, 'derived'))).toHaveLength(1);
});

it('an abort while the plan is checked leaves the plan that was there before', async () => {
  const abort = new AbortController();
  const cacheFolder = scratch.path('cache-replanned');
  const options = { model: goldenCheckpoint('vit-tiny-p14'), images, cacheFolder };
  const { planFile = '' } = await tuneModel(options);
  const before = await readFile(planFile, 'utf8');
  const again = tuneModel({
    ...options,
    maxNmse: 0.01,
    signal: abort.signal,
    onStage: (stage) => {
      if (stage === 'checking the plan') abort.abort(new Error('enough'));
    },
  });
  await expect(again).rejects.toThrow('enough');
  expect(await readFile(planFile, 'utf8')).toBe(before);
});

it('two tunings of one model at once do not take each other’s weights', async () => {
  const cacheFolder = scratch.path('cache-shared');
  const options = { model: goldenCheckpoint('vit-tiny-p14'), images, cacheFolder };
  const results = await Promise.all([tuneModel(options), tuneModel({ ...options, maxNmse: 0.01 })]);
  expect(results.map(({ verdict }) => verdict)).toEqual(['PASS', 'PASS']);
});

it('a bound that is no ratio is refused', async () => {
  await expect(tuneModel({ model: goldenCheckpoint('vit-tiny-p14'), maxNmse: 5 })).rejects.toMatchObject({
    code: 'EVALUATION_OPTION_INVALID',
  });
});
