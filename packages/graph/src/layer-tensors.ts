import type { ModelConfig } from '@webssl/registry';

/** What a linear layer is for in its transformer layer. */
export type LinearRole = 'query' | 'key' | 'value' | 'attentionOutput' | 'feedForwardIn' | 'feedForwardOut';

/** A linear layer: `weight` `[out, in]` and mostly a `bias` `[out]`, in the checkpoint under `name`. */
export interface LinearLayer {
  readonly name: string;
  readonly layer: number;
  readonly role: LinearRole;
  readonly hasBias: boolean;
}

/** Tensor names of the two LayerNorms of a layer. */
export interface LayerNorms {
  readonly attention: string;
  readonly feedForward: string;
}

const attentionNames = {
  query: 'attention.attention.query',
  key: 'attention.attention.key',
  value: 'attention.attention.value',
  attentionOutput: 'attention.output.dense',
};

const feedForwardNames = {
  vit: { feedForwardIn: 'intermediate.dense', feedForwardOut: 'output.dense' },
  gelu: { feedForwardIn: 'mlp.fc1', feedForwardOut: 'mlp.fc2' },
  swiglu: { feedForwardIn: 'mlp.weights_in', feedForwardOut: 'mlp.weights_out' },
};

/** The linear layer of that role. */
export function linearLayer(config: ModelConfig, layer: number, role: LinearRole): LinearLayer {
  const names = {
    ...attentionNames,
    ...feedForwardNames[config.modelType === 'vit' ? 'vit' : config.feedForward],
  };
  const hasBias = config.queryKeyValueBias || !['query', 'key', 'value'].includes(role);
  return { name: `encoder.layer.${layer}.${names[role]}`, layer, role, hasBias };
}

const roles: readonly LinearRole[] = [
  'query',
  'key',
  'value',
  'attentionOutput',
  'feedForwardIn',
  'feedForwardOut',
];

/** Every linear layer of a model, in the order in which they are computed. */
export function linearLayers(config: ModelConfig): readonly LinearLayer[] {
  return Array.from({ length: config.layers }, (_, layer) =>
    roles.map((role) => linearLayer(config, layer, role)),
  ).flat();
}

/** The LayerNorms of a layer. */
export function layerNorms({ modelType }: ModelConfig, layer: number): LayerNorms {
  const [attention, feedForward] =
    modelType === 'vit' ? ['layernorm_before', 'layernorm_after'] : ['norm1', 'norm2'];
  return {
    attention: `encoder.layer.${layer}.${attention}`,
    feedForward: `encoder.layer.${layer}.${feedForward}`,
  };
}
