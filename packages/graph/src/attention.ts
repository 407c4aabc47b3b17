import type { Value } from './graph-builder.js';
import { type LayerContext, linear } from './layer-context.js';

/** Where attention reads from. All values are `[rows, D]`, the tokens of one image after those of another. */
export interface AttentionInput {
  /** Number of the layer. */
  readonly layer: number;
  /** Normalised tokens that ask. */
  readonly queries: Value;
  /** How many tokens of an image ask. */
  readonly queryCount: number;
  /** Normalised tokens that are looked at: all of them. */
  readonly keys: Value;
  /** How many tokens an image has. */
  readonly keyCount: number;
}

/** The softmax weights of multi-head attention: `[B, heads, queryCount, keyCount]`, under the name `attentions.<layer>`. */
export function attentionMap(context: LayerContext, input: AttentionInput): Value {
  const { graph, config } = context;
  const { layer, queries, queryCount, keys, keyCount } = input;
  const query = heads(context, input, 'query', queries, queryCount, [0, 2, 1, 3]);
  const key = heads(context, input, 'key', keys, keyCount, [0, 2, 3, 1]);
  const products = graph.node(`${layer}/products`, 'MatMul', [query, key]);
  const scale = graph.scalar('attention scale', (config.hiddenSize / config.heads) ** -0.5);
  const scores = graph.node(`${layer}/scores`, 'Mul', [products, scale]);
  return graph.node(`attentions.${layer}`, 'Softmax', [scores], { axis: -1 });
}

/** What the queries gather from all tokens by an attention map, projected: `[B * queryCount, D]`. */
export function attend(context: LayerContext, input: AttentionInput, map: Value): Value {
  const { graph, config } = context;
  const { layer } = input;
  const value = heads(context, input, 'value', input.keys, input.keyCount, [0, 2, 1, 3]);
  const perHead = graph.node(`${layer}/gathered/heads`, 'MatMul', [map, value]);
  const perToken = graph.node(`${layer}/gathered/tokens`, 'Transpose', [perHead], { perm: [0, 2, 1, 3] });
  const gathered = graph.node(`${layer}/gathered`, 'Reshape', [
    perToken,
    graph.integers([-1, config.hiddenSize]),
  ]);
  const dense = `encoder.layer.${layer}.attention.output.dense`;
  const { tensor } = context;
  return linear(context, `${layer}/attended`, gathered, tensor(`${dense}.weight`), tensor(`${dense}.bias`));
}

/** One of the three projections, cut into heads: `[B, heads, count, D / heads]` or its transpose, as `perm` says. */
function heads(
  context: LayerContext,
  { layer }: AttentionInput,
  role: 'query' | 'key' | 'value',
  input: Value,
  count: number,
  perm: readonly number[],
): Value {
  const { graph, config, tensor } = context;
  const part = `encoder.layer.${layer}.attention.attention.${role}`;
  const bias = config.queryKeyValueBias ? tensor(`${part}.bias`) : undefined;
  const projected = linear(context, `${layer}/${role}`, input, tensor(`${part}.weight`), bias);
  const split = graph.node(`${layer}/${role}/split`, 'Reshape', [
    projected,
    graph.integers([-1, count, config.heads, config.hiddenSize / config.heads]),
  ]);
  return graph.node(`${layer}/${role}/heads`, 'Transpose', [split], { perm });
}
