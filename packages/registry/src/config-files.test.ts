import { goldenPreprocessing } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { type CatalogueEntry, catalogue, findCatalogueEntry } from './catalogue.js';
import { configJson, processorJson } from './config-files.js';
import { parseModelConfig } from './parse-model-config.js';

function entryOf(id: string): CatalogueEntry {
  const entry = findCatalogueEntry(id);
  if (entry === undefined) throw new Error(`no ${id}`);
  return entry;
}

describe('configJson', () => {
  it.each(catalogue().map((entry) => [entry.id, entry] as const))(
    'is read back as it was for %s',
    (_, entry) => {
      const text = JSON.stringify(configJson(entry), null, 2);
      expect(parseModelConfig(JSON.parse(text))).toEqual(entry.config);
    },
  );

  it('has the content of the published config.json of mae700m', () => {
    expect(configJson(entryOf('webssl-mae700m-full2b-224'))).toEqual({
      architectures: ['ViTModel'],
      attention_probs_dropout_prob: 0.0,
      encoder_stride: 16,
      hidden_act: 'gelu',
      hidden_dropout_prob: 0.0,
      hidden_size: 1280,
      image_size: 224,
      initializer_range: 0.02,
      intermediate_size: 5120,
      layer_norm_eps: 1e-6,
      mask_ratio: 0.0,
      model_type: 'vit',
      num_attention_heads: 16,
      num_channels: 3,
      num_hidden_layers: 32,
      patch_size: 14,
      qkv_bias: true,
      torch_dtype: 'float32',
    });
  });
});

describe('processorJson', () => {
  const { processors } = goldenPreprocessing();

  it.each([
    ['webssl-mae700m-full2b-224', 'webssl-224'],
    ['webssl-dino7b-full8b-518', 'webssl-518'],
  ])('for %s is what the reference processor writes', (id, processor) => {
    expect(processorJson(entryOf(id))).toEqual(processors[processor]);
  });

  it('has the 27 lines of the published file', () => {
    expect(
      JSON.stringify(processorJson(entryOf('webssl-mae2b-full2b-224')), null, 2).split('\n'),
    ).toHaveLength(27);
  });
});
