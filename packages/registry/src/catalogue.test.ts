import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { catalogue, findCatalogueEntry } from './catalogue.js';

/**
 * The published figures: feed-forward width, tokens, parameters, tensors, float32 bytes and files. The bytes agree with
 * what the hub reports of the files (and MTEB records) to the MiB.
 */
const published: Readonly<Record<string, readonly [number, number, number, number, number, number]>> = {
  'webssl-mae300m-full2b-224': [4096, 197, 304_351_232, 392, 1_217_404_928, 1],
  'webssl-mae700m-full2b-224': [5120, 257, 632_404_480, 520, 2_529_617_920, 1],
  'webssl-mae1b-full2b-224': [6144, 257, 1_136_925_696, 648, 4_547_702_784, 1],
  'webssl-mae2b-full2b-224': [10752, 257, 2_091_247_872, 392, 8_364_991_488, 2],
  'webssl-mae3b-full2b-224': [12288, 257, 2_957_488_128, 424, 11_829_952_512, 3],
  'webssl-dino300m-full2b-224': [2736, 257, 303_655_168, 439, 1_214_620_672, 1],
  'webssl-dino300m-light2b-224': [2736, 257, 303_655_168, 439, 1_214_620_672, 1],
  'webssl-dino1b-full2b-224': [4096, 257, 1_134_771_200, 727, 4_539_084_800, 1],
  'webssl-dino2b-full2b-224': [7168, 257, 2_084_237_568, 439, 8_336_950_272, 2],
  'webssl-dino2b-light2b-224': [7168, 257, 2_084_237_568, 439, 8_336_950_272, 2],
  'webssl-dino2b-heavy2b-224': [7168, 257, 2_084_237_568, 439, 8_336_950_272, 2],
  'webssl-dino3b-full2b-224': [8192, 257, 2_948_317_184, 475, 11_793_268_736, 3],
  'webssl-dino3b-light2b-224': [8192, 257, 2_948_317_184, 475, 11_793_268_736, 3],
  'webssl-dino3b-heavy2b-224': [8192, 257, 2_948_317_184, 475, 11_793_268_736, 3],
  'webssl-dino5b-full2b-224': [9560, 257, 4_938_338_816, 583, 19_753_355_264, 4],
  'webssl-dino7b-full8b-224': [10928, 257, 6_450_170_880, 583, 25_800_683_520, 6],
  'webssl-dino7b-full8b-378': [10928, 730, 6_452_108_288, 583, 25_808_433_152, 6],
  'webssl-dino7b-full8b-518': [10928, 1370, 6_454_729_728, 583, 25_818_918_912, 6],
};

const entrySchema = z.strictObject({
  id: z.string().regex(/^facebook\/webssl-(mae|dino)\d+[mb]-(full|light|heavy)[28]b-(224|378|518)$/),
  family: z.enum(['Web-MAE', 'Web-DINO']),
  config: z.strictObject({
    modelType: z.enum(['vit', 'dinov2']),
    hiddenSize: z.int().positive(),
    layers: z.int().positive(),
    heads: z.int().positive(),
    patchSize: z.union([z.literal(14), z.literal(16)]),
    channels: z.literal(3),
    imageSize: z.union([z.literal(224), z.literal(378), z.literal(518)]),
    feedForward: z.enum(['gelu', 'swiglu']),
    feedForwardSize: z.int().positive(),
    queryKeyValueBias: z.literal(true),
    layerScale: z.boolean(),
    layerNormEpsilon: z.literal(1e-6),
  }),
  tokens: z.int().positive(),
  parameters: z.int().positive(),
  tensors: z.int().positive(),
  bytes: z.int().positive(),
  files: z.int().positive(),
  license: z.literal('CC-BY-NC-4.0'),
  revision: z.string().regex(/^([0-9a-f]{40}|main)$/),
  trainingData: z.string().min(1),
  unconfirmed: z.array(z.string().min(1)),
});

describe('catalogue', () => {
  it('lists the 18 models of the collection, each once, with valid data', () => {
    const ids = catalogue().map(({ id }) => id);
    expect(new Set(ids).size).toBe(18);
    expect(ids.sort()).toEqual(
      Object.keys(published)
        .map((name) => `facebook/${name}`)
        .sort(),
    );
    for (const entry of catalogue()) expect(() => entrySchema.parse(entry), entry.id).not.toThrow();
  });

  it.each(Object.entries(published))('computes the published figures of %s', (name, figures) => {
    const entry = findCatalogueEntry(name);
    expect([
      entry?.config.feedForwardSize,
      entry?.tokens,
      entry?.parameters,
      entry?.tensors,
      entry?.bytes,
      entry?.files,
    ]).toEqual(figures);
  });

  it('has the image size and the data in step with the name', () => {
    for (const { id, config, family, trainingData } of catalogue()) {
      const [, kind, data, seen, side] = /-(mae|dino)\w+-(full|light|heavy)(\d)b-(\d+)$/.exec(id) ?? [];
      expect(config.imageSize, id).toBe(Number(side));
      expect(family, id).toBe(kind === 'mae' ? 'Web-MAE' : 'Web-DINO');
      expect(config.modelType, id).toBe(kind === 'mae' ? 'vit' : 'dinov2');
      expect(trainingData, id).toContain(`${seen} billion images seen`);
      expect(trainingData.includes('text'), id).toBe(data === 'light');
      expect(trainingData.includes('charts'), id).toBe(data === 'heavy');
    }
  });

  it('pins a commit of its own for every model but two, and says so of those', () => {
    const unpinned = catalogue().filter(({ revision }) => revision === 'main');
    expect(unpinned.map(({ id }) => id)).toEqual([
      'facebook/webssl-mae3b-full2b-224',
      'facebook/webssl-dino300m-light2b-224',
    ]);
    for (const { unconfirmed } of unpinned) expect(unconfirmed.join()).toContain('no commit is known');
    expect(new Set(catalogue().map(({ revision }) => revision)).size).toBe(17);
  });

  it('finds an entry with and without its organisation, and nothing else', () => {
    const whole = findCatalogueEntry('facebook/webssl-mae700m-full2b-224');
    expect(whole?.config.layers).toBe(32);
    expect(findCatalogueEntry('webssl-mae700m-full2b-224')).toBe(whole);
    expect(findCatalogueEntry('someone/webssl-mae700m-full2b-224')).toBeUndefined();
    expect(findCatalogueEntry('')).toBeUndefined();
    expect(findCatalogueEntry('__proto__')).toBeUndefined();
  });
});
