import type { ModelConfig } from './model-config.js';

/** Tensors that a file may or may not carry and that the encoder does not use. */
export const unusedTensors: ReadonlySet<string> = new Set([
  'embeddings.mask_token',
  'pooler.dense.weight',
  'pooler.dense.bias',
]);

/** One tensor that a checkpoint of some architecture holds. */
export interface TensorSpecification {
  /** As the original files spell it, without prefix. */
  readonly name: string;
  readonly shape: readonly number[];
  /** False for a tensor that the encoder does not use: the pooler of ViT and the mask token of DINOv2. */
  readonly required: boolean;
}

/**
 * Every tensor of a checkpoint as the reference writes it, the unused ones included, under its original name and in the
 * order of the reference's state dict (the order in which shards are filled). Matrices are `[out, in]`, the patch
 * projection `[D, 3, patch, patch]`.
 */
export function tensorLayout(config: ModelConfig): readonly TensorSpecification[] {
  const layer = layerLayout(config);
  const layers = Array.from({ length: config.layers }, (_, index) =>
    layer.map(({ name, shape }) => ({ name: `encoder.layer.${index}.${name}`, shape })),
  );
  return [
    ...embeddingsLayout(config),
    ...layers.flat(),
    ...affine('layernorm', [config.hiddenSize]),
    ...(config.modelType === 'vit' ? linear('pooler.dense', config.hiddenSize, config.hiddenSize) : []),
  ].map(({ name, shape }) => ({ name, shape, required: !unusedTensors.has(name) }));
}

/** Number of tokens that the encoder makes of its own input size: CLS and the patches. */
export function tokenCount(config: ModelConfig): number {
  return 1 + (config.imageSize / config.patchSize) ** 2;
}

type NamedShape = Omit<TensorSpecification, 'required'>;

function embeddingsLayout(config: ModelConfig): readonly NamedShape[] {
  const { hiddenSize, patchSize, channels } = config;
  return [
    { name: 'embeddings.cls_token', shape: [1, 1, hiddenSize] },
    ...(config.modelType === 'dinov2' ? [{ name: 'embeddings.mask_token', shape: [1, hiddenSize] }] : []),
    { name: 'embeddings.position_embeddings', shape: [1, tokenCount(config), hiddenSize] },
    ...affine('embeddings.patch_embeddings.projection', [hiddenSize, channels, patchSize, patchSize]),
  ];
}

function layerLayout(config: ModelConfig): readonly NamedShape[] {
  const { hiddenSize, feedForwardSize } = config;
  const attention = [
    ...['query', 'key', 'value'].flatMap((part) =>
      linear(`attention.attention.${part}`, hiddenSize, hiddenSize, config.queryKeyValueBias),
    ),
    ...linear('attention.output.dense', hiddenSize, hiddenSize),
  ];
  if (config.modelType === 'vit') {
    return [
      ...attention,
      ...linear('intermediate.dense', feedForwardSize, hiddenSize),
      ...linear('output.dense', hiddenSize, feedForwardSize),
      ...affine('layernorm_before', [hiddenSize]),
      ...affine('layernorm_after', [hiddenSize]),
    ];
  }
  const feedForward =
    config.feedForward === 'swiglu'
      ? [
          ...linear('mlp.weights_in', 2 * feedForwardSize, hiddenSize),
          ...linear('mlp.weights_out', hiddenSize, feedForwardSize),
        ]
      : [
          ...linear('mlp.fc1', feedForwardSize, hiddenSize),
          ...linear('mlp.fc2', hiddenSize, feedForwardSize),
        ];
  return [
    ...affine('norm1', [hiddenSize]),
    ...attention,
    { name: 'layer_scale1.lambda1', shape: [hiddenSize] },
    ...affine('norm2', [hiddenSize]),
    ...feedForward,
    { name: 'layer_scale2.lambda1', shape: [hiddenSize] },
  ];
}

function linear(name: string, outputs: number, inputs: number, bias = true): readonly NamedShape[] {
  return affine(name, [outputs, inputs]).slice(0, bias ? 2 : 1);
}

/** A weight and a bias with one number a row. */
function affine(name: string, weightShape: readonly [number, ...number[]]): readonly NamedShape[] {
  return [
    { name: `${name}.weight`, shape: weightShape },
    { name: `${name}.bias`, shape: [weightShape[0]] },
  ];
}
