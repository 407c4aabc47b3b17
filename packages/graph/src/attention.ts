import type { Value } from './graph-builder.js';
import { type LayerContext, linear } from './layer-context.js';
import { linearLayer } from './layer-tensors.js';

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
  const query = heads(context, input, 'query', queries, queryCount, 'rows');
  const key = heads(context, input, 'key', keys, keyCount, isBf16(context) ? 'rows' : 'columns');
  const products = productOfHeads(context, `${layer}/products`, query, key);
  const scale = graph.scalar('attention scale', (config.hiddenSize / config.heads) ** -0.5);
  const scores = graph.node(`${layer}/scores`, 'Mul', [products, scale]);
  return graph.node(`attentions.${layer}`, 'Softmax', [scores], { axis: -1 });
}

/** What the queries gather from all tokens by an attention map, projected: `[B * queryCount, D]`. */
export function attend(context: LayerContext, input: AttentionInput, map: Value): Value {
  const { graph, config } = context;
  const { layer } = input;
  const layout = isBf16(context) ? 'columns' : 'rows';
  const value = heads(context, input, 'value', input.keys, input.keyCount, layout);
  const perHead = productOfHeads(context, `${layer}/gathered/heads`, map, value);
  const perToken = graph.node(`${layer}/gathered/tokens`, 'Transpose', [perHead], { perm: [0, 2, 1, 3] });
  const gathered = graph.node(`${layer}/gathered`, 'Reshape', [
    perToken,
    graph.integers([-1, config.hiddenSize]),
  ]);
  return linear(context, `${layer}/attended`, gathered, linearLayer(config, layer, 'attentionOutput'));
}

/**
 * For bf16 the products of heads stay float32: they are a thirtieth of the work, and what ONNX Runtime 1.30 computes in bf16 of two values
 * that are both made while the model runs is wrong where their inner dimension, here the number of tokens, is no multiple of 4. It leaves
 * products in float32 that transpose by themselves.
 */
function productOfHeads(context: LayerContext, name: string, left: Value, right: Value): Value {
  return isBf16(context)
    ? context.graph.runtimeNode(name, 'FusedMatMul', [left, right], { transB: 1 })
    : context.graph.node(name, 'MatMul', [left, right]);
}

function isBf16({ floatOperator }: LayerContext): boolean {
  return floatOperator === 'MatMul';
}

/** One of the three projections, cut into heads: `[B, heads, count, D / heads]`, with tokens as `rows`, or its transpose. */
function heads(
  context: LayerContext,
  { layer }: AttentionInput,
  role: 'query' | 'key' | 'value',
  input: Value,
  count: number,
  tokens: 'rows' | 'columns',
): Value {
  const { graph, config } = context;
  const projected = linear(context, `${layer}/${role}`, input, linearLayer(config, layer, role));
  const split = graph.node(`${layer}/${role}/split`, 'Reshape', [
    projected,
    graph.integers([-1, count, config.heads, config.hiddenSize / config.heads]),
  ]);
  return graph.node(`${layer}/${role}/heads`, 'Transpose', [split], {
    perm: tokens === 'rows' ? [0, 2, 1, 3] : [0, 2, 3, 1],
  });
}
