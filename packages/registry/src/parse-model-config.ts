import { WebsslError } from '@webssl/backend';
import { z } from 'zod';
import { plainFeedForwardSize, swigluFeedForwardSize } from './feed-forward-size.js';
import type { ModelConfig } from './model-config.js';

const knownModelTypes: readonly string[] = ['vit', 'dinov2'] satisfies ModelConfig['modelType'][];

// Far above any real model: a hostile config must not make us list a billion tensors.
const largestLayerCount = 1024;
const largestDimension = 1_048_576;

const dimension = z.int().positive().max(largestDimension);
const sides = z.union([dimension, z.tuple([dimension, dimension])], {
  error: 'expected a positive whole number of pixels, or two of them [height, width]',
});

const typed = z.object({ model_type: z.string() });

const common = z.object({
  hidden_size: dimension.default(768),
  num_hidden_layers: z.int().positive().max(largestLayerCount).default(12),
  num_attention_heads: dimension.default(12),
  hidden_act: z.string().default('gelu'),
  image_size: sides.default(224),
  num_channels: dimension.default(3),
  qkv_bias: z.boolean().default(true),
});

const vit = common.extend({
  patch_size: sides.default(16),
  intermediate_size: dimension.default(3072),
  layer_norm_eps: z.number().positive().default(1e-12),
});

const dinov2 = common.extend({
  patch_size: sides.default(14),
  mlp_ratio: z.number().positive().max(1024).default(4),
  use_swiglu_ffn: z.boolean().default(false),
  layer_norm_eps: z.number().positive().default(1e-6),
});

/**
 * A model's config.json, validated. Keys that are absent get the defaults of the reference's `ViTConfig` and
 * `Dinov2Config`; keys that do not change the encoder are ignored.
 *
 * @param json the parsed file
 * @param file named in errors
 * @throws WebsslError `CONFIG_INVALID` (malformed; says which key), `CONFIG_UNSUPPORTED` (well-formed, but another kind of
 * model: another `model_type`, activation, number of channels, or a shape that is not square).
 */
export function parseModelConfig(json: unknown, file = 'config.json'): ModelConfig {
  const modelType = validate(typed, json, file).model_type;
  switch (modelType) {
    case 'vit': {
      const values = validate(vit, json, file);
      requireExactGelu(values.hidden_act, file);
      return {
        ...encoderDimensions(values, file),
        modelType,
        feedForward: 'gelu',
        feedForwardSize: values.intermediate_size,
        layerScale: false,
        layerNormEpsilon: values.layer_norm_eps,
      };
    }
    case 'dinov2': {
      const values = validate(dinov2, json, file);
      // The reference's SwiGLU always uses SiLU, whatever hidden_act says.
      if (!values.use_swiglu_ffn) requireExactGelu(values.hidden_act, file);
      const feedForwardSize = values.use_swiglu_ffn
        ? swigluFeedForwardSize(values.hidden_size, values.mlp_ratio)
        : plainFeedForwardSize(values.hidden_size, values.mlp_ratio);
      if (feedForwardSize === 0) {
        throw invalid(file, `mlp_ratio: ${values.mlp_ratio} leaves the feed-forward network no width`);
      }
      return {
        ...encoderDimensions(values, file),
        modelType,
        feedForward: values.use_swiglu_ffn ? 'swiglu' : 'gelu',
        feedForwardSize,
        layerScale: true,
        layerNormEpsilon: values.layer_norm_eps,
      };
    }
    default:
      throw new WebsslError({
        code: 'CONFIG_UNSUPPORTED',
        message: `${file}: model_type '${modelType}' is not one that webssl can run; it knows ${knownModelTypes.join(' and ')}`,
        details: { file, modelType, known: knownModelTypes },
      });
  }
}

function encoderDimensions(values: z.infer<typeof vit | typeof dinov2>, file: string) {
  const imageSize = squareSide(values.image_size, 'image_size', file);
  const patchSize = squareSide(values.patch_size, 'patch_size', file);
  if (imageSize % patchSize !== 0) {
    throw unsupported(file, `image_size ${imageSize} is not a multiple of patch_size ${patchSize}`);
  }
  if (values.num_channels !== 3) {
    throw unsupported(file, `num_channels is ${values.num_channels}: only RGB models (3) can be run`);
  }
  if (values.hidden_size % values.num_attention_heads !== 0) {
    throw invalid(
      file,
      `num_attention_heads: ${values.num_attention_heads} heads do not divide hidden_size ${values.hidden_size}`,
    );
  }
  return {
    hiddenSize: values.hidden_size,
    layers: values.num_hidden_layers,
    heads: values.num_attention_heads,
    patchSize,
    channels: 3,
    imageSize,
    queryKeyValueBias: values.qkv_bias,
  } as const;
}

function squareSide(value: number | readonly [number, number], key: string, file: string): number {
  if (typeof value === 'number') return value;
  const [height, width] = value;
  if (height !== width) throw unsupported(file, `${key} [${height}, ${width}] is not square`);
  return height;
}

function requireExactGelu(activation: string, file: string): void {
  if (activation !== 'gelu') {
    throw unsupported(file, `hidden_act '${activation}' is not the exact GELU ('gelu')`);
  }
}

function validate<Schema extends z.ZodType>(schema: Schema, json: unknown, file: string): z.infer<Schema> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw invalid(
    file,
    result.error.issues
      .map((issue) => `${issue.path.length === 0 ? 'the file' : issue.path.join('.')}: ${issue.message}`)
      .join('; '),
  );
}

function invalid(file: string, problem: string): WebsslError {
  return new WebsslError({ code: 'CONFIG_INVALID', message: `${file}: ${problem}`, details: { file } });
}

function unsupported(file: string, problem: string): WebsslError {
  return new WebsslError({
    code: 'CONFIG_UNSUPPORTED',
    message: `${file}: ${problem}`,
    details: { file },
  });
}
