import type { ModelConfig } from './model-config.js';

type Renaming = readonly [from: RegExp, to: string];

const attention: readonly Renaming[] = [
  [/\.attention\.q_proj\./, '.attention.attention.query.'],
  [/\.attention\.k_proj\./, '.attention.attention.key.'],
  [/\.attention\.v_proj\./, '.attention.attention.value.'],
  [/\.attention\.o_proj\./, '.attention.output.dense.'],
];

/**
 * From the names that transformers 5 uses in memory to those it writes (its `conversion_mapping.py`). It has no renaming
 * back for `mlp.gate_proj` and `mlp.up_proj`: they are the two halves of the one tensor `mlp.weights_in`.
 */
const renamings: Readonly<Record<ModelConfig['modelType'], readonly Renaming[]>> = {
  vit: [
    ...attention,
    [/^layers\./, 'encoder.layer.'],
    [/\.mlp\.fc1\./, '.intermediate.dense.'],
    [/\.mlp\.fc2\./, '.output.dense.'],
  ],
  dinov2: [...attention, [/\.mlp\.down_proj\./, '.mlp.weights_out.']],
};

/**
 * The original name of a tensor, from any spelling: as it is, with the prefix of a model with a head (`vit.`, `dinov2.`),
 * or as transformers 5 names it in memory. Other names come back as they are.
 */
export function canonicalTensorName(name: string, modelType: ModelConfig['modelType']): string {
  const prefix = `${modelType}.`;
  const bare = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  return renamings[modelType].reduce((renamed, [from, to]) => renamed.replace(from, to), bare);
}

/** Whether a tensor is half of a SwiGLU input matrix, as transformers 5 keeps it in memory. */
export function isSplitGate(name: string): boolean {
  return /\.mlp\.(gate|up)_proj\.(weight|bias)$/.test(name);
}
