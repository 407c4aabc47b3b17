import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProcessorConfig, withImageSize } from './parse-processor-config.js';

const webssl = {
  image_processor_type: 'BitImageProcessor',
  crop_size: { height: 224, width: 224 },
  do_center_crop: true,
  do_convert_rgb: true,
  do_normalize: true,
  do_rescale: true,
  do_resize: true,
  image_mean: [0.485, 0.456, 0.406],
  image_std: [0.229, 0.224, 0.225],
  resample: 3,
  rescale_factor: 0.00392156862745098,
  size: { shortest_edge: 224 },
};

function refusal(run: () => unknown): WebsslError {
  try {
    run();
  } catch (error) {
    if (WebsslError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('parseProcessorConfig', () => {
  it('reads the file of a Web-SSL checkpoint', () => {
    expect(parseProcessorConfig(webssl)).toEqual({
      type: 'BitImageProcessor',
      convertRgb: true,
      resize: { size: { shortestEdge: 224 }, filter: 'bicubic' },
      centerCrop: { height: 224, width: 224 },
      rescaleFactor: 1 / 255,
      normalize: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    });
  });

  it('reads what save_pretrained of the reference wrote', () => {
    const file = join(goldenCheckpoint('dinov2-tiny-518'), 'preprocessor_config.json');
    const config = parseProcessorConfig(JSON.parse(readFileSync(file, 'utf8')));
    expect(config.resize).toEqual({ size: { shortestEdge: 518 }, filter: 'bicubic' });
    expect(config.centerCrop).toEqual({ height: 518, width: 518 });
  });

  it.each(['BitImageProcessorFast', 'BitImageProcessorPil', 'BitImageProcessor'])(
    'knows the spelling %s',
    (name) => {
      expect(parseProcessorConfig({ image_processor_type: name }).type).toBe('BitImageProcessor');
    },
  );

  it.each([
    { feature_extractor_type: 'ViTFeatureExtractor' },
    { image_processor_type: 'ViTImageProcessorFast' },
  ])('knows the spelling %o', (json) => {
    expect(parseProcessorConfig(json).type).toBe('ViTImageProcessor');
  });

  it('fills in what a BitImageProcessor does by itself', () => {
    expect(parseProcessorConfig({ image_processor_type: 'BitImageProcessor' })).toEqual({
      type: 'BitImageProcessor',
      convertRgb: true,
      resize: { size: { shortestEdge: 224 }, filter: 'bicubic' },
      centerCrop: { height: 224, width: 224 },
      rescaleFactor: 1 / 255,
      normalize: { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] },
    });
  });

  it('fills in what a ViTImageProcessor does by itself', () => {
    expect(parseProcessorConfig({ image_processor_type: 'ViTImageProcessor' })).toEqual({
      type: 'ViTImageProcessor',
      convertRgb: false,
      resize: { size: { height: 224, width: 224 }, filter: 'bilinear' },
      rescaleFactor: 1 / 255,
      normalize: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    });
  });

  it('reads sizes that are one number, as older files have them', () => {
    const sizes = { size: 256, crop_size: 192 };
    const bit = parseProcessorConfig({ ...webssl, ...sizes });
    expect(bit.resize?.size).toEqual({ shortestEdge: 256 });
    expect(bit.centerCrop).toEqual({ height: 192, width: 192 });
    const vit = parseProcessorConfig({ image_processor_type: 'ViTImageProcessor', ...sizes });
    expect(vit.resize?.size).toEqual({ height: 256, width: 256 });
    expect(vit.centerCrop).toBeUndefined();
  });

  it('leaves out the steps that are switched off', () => {
    const off = { do_resize: false, do_center_crop: false, do_rescale: false, do_normalize: false };
    expect(parseProcessorConfig({ ...webssl, ...off })).toEqual({
      type: 'BitImageProcessor',
      convertRgb: true,
    });
  });

  it.each([[[1, 'lanczos']], [[2, 'bilinear']], [[3, 'bicubic']], [[4, 'box']], [[5, 'hamming']]])(
    'knows the filter %o',
    ([resample, filter]) => {
      expect(parseProcessorConfig({ ...webssl, resample }).resize?.filter).toBe(filter);
    },
  );

  it.each<[string, unknown, RegExp]>([
    ['no object', null, /expected object/],
    ['no type', { ...webssl, image_processor_type: undefined }, /image_processor_type is missing/],
    [
      'another type',
      { ...webssl, image_processor_type: 'CLIPImageProcessor' },
      /"CLIPImageProcessor": only Bit/,
    ],
    ['nearest neighbour', { ...webssl, resample: 0 }, /resample is 0, nearest neighbour/],
    ['an unknown filter', { ...webssl, resample: 6 }, /resample/],
    ['a size of nothing', { ...webssl, size: {} }, /size/],
    ['a longest edge', { ...webssl, size: { shortest_edge: 224, longest_edge: 300 } }, /size/],
    ['a negative size', { ...webssl, size: { shortest_edge: -1 } }, /size/],
    ['a huge crop', { ...webssl, crop_size: 1e9 }, /crop_size/],
    ['two means', { ...webssl, image_mean: [0.5, 0.5] }, /image_mean/],
    ['a zero deviation', { ...webssl, image_std: [0.5, 0, 0.5] }, /image_std has a zero/],
    ['a text as factor', { ...webssl, rescale_factor: '1/255' }, /rescale_factor/],
  ])('refuses %s', (_, json, message) => {
    const error = refusal(() => parseProcessorConfig(json));
    expect(error.code).toBe('PROCESSOR_CONFIG_INVALID');
    expect(error.message).toMatch(message);
  });

  it('reads or refuses any JSON', () => {
    const values = fc.jsonValue();
    const nearly = fc
      .record(Object.fromEntries(Object.keys(webssl).map((key) => [key, values])), { requiredKeys: [] })
      .map((changes) => ({ ...webssl, ...changes }));
    fc.assert(
      fc.property(fc.oneof(values, nearly), (json) => {
        try {
          expect(parseProcessorConfig(json).type).toMatch(/ImageProcessor$/);
        } catch (error) {
          expect(WebsslError.isInstance(error, 'PROCESSOR_CONFIG_INVALID')).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('withImageSize', () => {
  const bit = parseProcessorConfig({ ...webssl, size: { shortest_edge: 256 } });
  const vit = parseProcessorConfig({ image_processor_type: 'ViTImageProcessor' });

  it('puts a number in the place of the shorter side and of the crop', () => {
    const config = withImageSize(bit, 378);
    expect(config.resize).toEqual({ size: { shortestEdge: 378 }, filter: 'bicubic' });
    expect(config.centerCrop).toEqual({ height: 378, width: 378 });
    expect(config.normalize).toEqual(bit.normalize);
  });

  it('keeps squashing where the file squashes', () => {
    const config = withImageSize(vit, 384);
    expect(config.resize).toEqual({ size: { height: 384, width: 384 }, filter: 'bilinear' });
    expect(config.centerCrop).toBeUndefined();
  });

  it('covers a height and width and cuts out the centre', () => {
    const config = withImageSize(vit, { height: 182, width: 308 });
    expect(config.resize).toEqual({ size: { cover: { height: 182, width: 308 } }, filter: 'bilinear' });
    expect(config.centerCrop).toEqual({ height: 182, width: 308 });
  });

  it.each([0, -14, 2.5, Number.NaN, { height: 0, width: 14 }])('refuses %o', (size) => {
    expect(refusal(() => withImageSize(bit, size)).code).toBe('PROCESSOR_CONFIG_INVALID');
  });
});
