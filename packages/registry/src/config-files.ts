import type { CatalogueEntry } from './catalogue.js';

/**
 * The config.json of a model, with the keys that the published file has. `parseModelConfig` gives the entry's `config`
 * back.
 */
export function configJson({ config }: CatalogueEntry): Readonly<Record<string, unknown>> {
  const common = {
    attention_probs_dropout_prob: 0,
    hidden_act: 'gelu',
    hidden_dropout_prob: 0,
    hidden_size: config.hiddenSize,
    image_size: config.imageSize,
    initializer_range: 0.02,
    layer_norm_eps: config.layerNormEpsilon,
    model_type: config.modelType,
    num_attention_heads: config.heads,
    num_channels: config.channels,
    num_hidden_layers: config.layers,
    patch_size: config.patchSize,
    qkv_bias: config.queryKeyValueBias,
    torch_dtype: 'float32',
  };
  return inKeyOrder(
    config.modelType === 'vit'
      ? {
          ...common,
          architectures: ['ViTModel'],
          encoder_stride: 16,
          intermediate_size: config.feedForwardSize,
          mask_ratio: 0,
        }
      : {
          ...common,
          apply_layernorm: true,
          architectures: ['Dinov2Model'],
          drop_path_rate: 0,
          layerscale_value: 1e-5,
          mlp_ratio: 4,
          reshape_hidden_states: true,
          use_swiglu_ffn: config.feedForward === 'swiglu',
        },
  );
}

/** The preprocessor_config.json of a model: resize and crop to the model's own input size, ImageNet normalisation. */
export function processorJson({ config }: CatalogueEntry): Readonly<Record<string, unknown>> {
  return {
    crop_size: { height: config.imageSize, width: config.imageSize },
    do_center_crop: true,
    do_convert_rgb: true,
    do_normalize: true,
    do_rescale: true,
    do_resize: true,
    image_mean: [0.485, 0.456, 0.406],
    image_processor_type: 'BitImageProcessor',
    image_std: [0.229, 0.224, 0.225],
    resample: 3,
    rescale_factor: 0.00392156862745098,
    size: { shortest_edge: config.imageSize },
  };
}

function inKeyOrder(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}
