import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseModelConfig } from './parse-model-config.js';

function failure(json: unknown): WebsslError {
  try {
    parseModelConfig(json, 'a/config.json');
  } catch (error) {
    if (WebsslError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('parseModelConfig', () => {
  it('reads what the reference wrote for a ViT', () => {
    const text = readFileSync(join(goldenCheckpoint('vit-odd-dims'), 'config.json'), 'utf8');
    expect(parseModelConfig(JSON.parse(text))).toEqual({
      modelType: 'vit',
      hiddenSize: 60,
      layers: 3,
      heads: 5,
      patchSize: 14,
      channels: 3,
      imageSize: 224,
      feedForward: 'gelu',
      feedForwardSize: 100,
      queryKeyValueBias: true,
      layerScale: false,
      layerNormEpsilon: 1e-12,
    });
  });

  it('reads what the reference wrote for a DINOv2 with SwiGLU', () => {
    const text = readFileSync(join(goldenCheckpoint('dinov2-tiny-518'), 'config.json'), 'utf8');
    expect(parseModelConfig(JSON.parse(text))).toEqual({
      modelType: 'dinov2',
      hiddenSize: 32,
      layers: 2,
      heads: 2,
      patchSize: 14,
      channels: 3,
      imageSize: 518,
      feedForward: 'swiglu',
      feedForwardSize: 88,
      queryKeyValueBias: true,
      layerScale: true,
      layerNormEpsilon: 1e-6,
    });
  });

  it('fills in the defaults of ViTConfig', () => {
    expect(parseModelConfig({ model_type: 'vit' })).toEqual({
      modelType: 'vit',
      hiddenSize: 768,
      layers: 12,
      heads: 12,
      patchSize: 16,
      channels: 3,
      imageSize: 224,
      feedForward: 'gelu',
      feedForwardSize: 3072,
      queryKeyValueBias: true,
      layerScale: false,
      layerNormEpsilon: 1e-12,
    });
  });

  it('fills in the defaults of Dinov2Config', () => {
    expect(parseModelConfig({ model_type: 'dinov2' })).toEqual({
      modelType: 'dinov2',
      hiddenSize: 768,
      layers: 12,
      heads: 12,
      patchSize: 14,
      channels: 3,
      imageSize: 224,
      feedForward: 'gelu',
      feedForwardSize: 3072,
      queryKeyValueBias: true,
      layerScale: true,
      layerNormEpsilon: 1e-6,
    });
  });

  it('ignores keys that it does not know, of both generations of the reference', () => {
    const plain = parseModelConfig({ model_type: 'vit' });
    expect(parseModelConfig({ model_type: 'vit', torch_dtype: 'float32', mask_ratio: 0 })).toEqual(plain);
    expect(parseModelConfig({ model_type: 'vit', dtype: 'float32', _name_or_path: 'x' })).toEqual(plain);
  });

  it('truncates the feed-forward width of DINOv2 as Python does', () => {
    const config = { model_type: 'dinov2', hidden_size: 100, num_attention_heads: 4, mlp_ratio: 2.555 };
    expect(parseModelConfig(config).feedForwardSize).toBe(255);
    // int(255 * 2 / 3) = 170, rounded up to a multiple of 8
    expect(parseModelConfig({ ...config, use_swiglu_ffn: true }).feedForwardSize).toBe(176);
  });

  it('does not care for hidden_act where SwiGLU does not use it', () => {
    const config = { model_type: 'dinov2', use_swiglu_ffn: true, hidden_act: 'silu' };
    expect(parseModelConfig(config).feedForward).toBe('swiglu');
  });

  it('accepts square sizes as pairs', () => {
    const config = parseModelConfig({ model_type: 'vit', image_size: [384, 384], patch_size: [32, 32] });
    expect([config.imageSize, config.patchSize]).toEqual([384, 32]);
  });

  it.each([
    [{ model_type: 'swin' }, "model_type 'swin'"],
    [{ model_type: 'dinov2_with_registers' }, 'it knows vit and dinov2'],
    [{ model_type: 'vit', hidden_act: 'gelu_new' }, "hidden_act 'gelu_new'"],
    [{ model_type: 'dinov2', hidden_act: 'quick_gelu' }, "hidden_act 'quick_gelu'"],
    [{ model_type: 'vit', num_channels: 1 }, 'num_channels is 1'],
    [{ model_type: 'vit', image_size: [224, 448] }, 'image_size [224, 448] is not square'],
    [{ model_type: 'vit', patch_size: [16, 8] }, 'patch_size [16, 8] is not square'],
    [{ model_type: 'vit', image_size: 225 }, 'image_size 225 is not a multiple of patch_size 16'],
  ])('refuses the unsupported %j', (json, message) => {
    const error = failure(json);
    expect(error.code).toBe('CONFIG_UNSUPPORTED');
    expect(error.message).toContain(message);
    expect(error.message).toContain('a/config.json');
  });

  it.each([
    [null, 'the file:'],
    [[], 'the file:'],
    ['vit', 'the file:'],
    [{}, 'model_type:'],
    [{ model_type: 3 }, 'model_type:'],
    [{ model_type: 'vit', hidden_size: '768' }, 'hidden_size:'],
    [{ model_type: 'vit', hidden_size: 768.5 }, 'hidden_size:'],
    [{ model_type: 'vit', hidden_size: -8 }, 'hidden_size:'],
    [{ model_type: 'vit', hidden_size: null }, 'hidden_size:'],
    [{ model_type: 'vit', num_hidden_layers: 0 }, 'num_hidden_layers:'],
    [{ model_type: 'vit', num_hidden_layers: 1e9 }, 'num_hidden_layers:'],
    [{ model_type: 'vit', image_size: [224] }, 'image_size: expected a positive whole number'],
    [{ model_type: 'vit', image_size: '224' }, 'image_size: expected a positive whole number'],
    [{ model_type: 'vit', layer_norm_eps: 0 }, 'layer_norm_eps:'],
    [{ model_type: 'vit', qkv_bias: 1 }, 'qkv_bias:'],
    [
      { model_type: 'vit', num_attention_heads: 7 },
      'num_attention_heads: 7 heads do not divide hidden_size 768',
    ],
    [{ model_type: 'dinov2', mlp_ratio: 1e-9 }, 'mlp_ratio:'],
    [{ model_type: 'dinov2', mlp_ratio: 0 }, 'mlp_ratio:'],
    [{ model_type: 'dinov2', use_swiglu_ffn: 'yes' }, 'use_swiglu_ffn:'],
  ])('names the malformed key of %j', (json, message) => {
    const error = failure(json);
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain(message);
    expect(error.message).toContain('a/config.json');
  });

  it('gives a runnable config or an error of its own for any JSON', async () => {
    const small = fc.integer({ min: 1, max: 16 });
    const valid = fc
      .record({
        type: fc.constantFrom('vit', 'dinov2'),
        heads: small,
        width: small,
        patch: small,
        grid: small,
      })
      .map(({ type, heads, width, patch, grid }) => ({
        model_type: type,
        hidden_size: heads * width,
        num_attention_heads: heads,
        patch_size: patch,
        image_size: patch * grid,
      }));
    const keys = [
      ...['model_type', 'hidden_size', 'num_hidden_layers', 'num_attention_heads', 'intermediate_size'],
      ...['image_size', 'patch_size', 'num_channels', 'qkv_bias', 'mlp_ratio', 'use_swiglu_ffn'],
      ...['hidden_act', 'layer_norm_eps'],
    ];
    const value = fc.oneof(fc.jsonValue(), fc.double(), fc.integer(), fc.array(small), fc.boolean());
    const altered = fc
      .tuple(valid, fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 2 }))
      .map(([json, changes]): unknown => ({ ...json, ...changes }));
    const outcomes = new Set<string>();
    await fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: altered }, fc.jsonValue()), (json) => {
        try {
          const parsed = parseModelConfig(json);
          outcomes.add('accepted');
          expect(parsed.hiddenSize % parsed.heads).toBe(0);
          expect(parsed.imageSize % parsed.patchSize).toBe(0);
          expect(Number.isSafeInteger(parsed.feedForwardSize) && parsed.feedForwardSize > 0).toBe(true);
          expect(parsed.layerNormEpsilon > 0 && Number.isFinite(parsed.layerNormEpsilon)).toBe(true);
        } catch (error) {
          if (!WebsslError.isInstance(error)) throw error;
          outcomes.add(error.code);
        }
      }),
      { numRuns: 3000 },
    );
    expect([...outcomes].sort()).toEqual(['CONFIG_INVALID', 'CONFIG_UNSUPPORTED', 'accepted']);
  });
});
