import type { OutputName } from '@webssl/backend';
import type { ModelConfig } from '@webssl/registry';
import { type AttentionInput, attend, attentionMap } from './attention.js';
import { embeddings, type InterpolatedPositions } from './embeddings.js';
import { feedForward } from './feed-forward.js';
import { type Dimension, GraphBuilder, type Value } from './graph-builder.js';
import type { FloatOperator, LayerContext } from './layer-context.js';
import { layerNorm } from './layer-norm.js';
import { layerNorms, linearLayers } from './layer-tensors.js';
import { batchDimension, type PartPlan } from './part-plan.js';
import type { WeightFiles } from './weight-files.js';
import type { WeightSet } from './weight-set.js';

/** What {@link buildVisionGraph} needs beside config, weights and plan. */
export interface VisionGraphParts {
  readonly files: WeightFiles;
  readonly positions: InterpolatedPositions;
  /** Layers that hand their tokens on unchanged. */
  readonly omittedLayers: ReadonlySet<number>;
  readonly floatOperator: FloatOperator;
}

/**
 * Builds the graph of a plan. Between its pieces tokens are `[B * (1 + N), D]`, so that every linear layer is one matrix
 * product on weights as they are stored.
 */
export function buildVisionGraph(
  config: ModelConfig,
  weights: WeightSet,
  asked: PartPlan,
  { files, positions, omittedLayers, floatOperator }: VisionGraphParts,
): GraphBuilder {
  const plan = withAllRowsWhereInt8(asked, config, weights);
  const graph = new GraphBuilder(files);
  const { tensor, int8Matrix } = weights;
  const context: LayerContext = {
    graph,
    config,
    tensor,
    weight: (name) => graph.weight(tensor(name)),
    int8Matrix,
    floatOperator,
  };
  let tokens = plan.from === 0 ? embeddings(context, plan, positions) : givenTokens(context, plan);
  emitHiddenState(context, plan, plan.from, tokens);
  for (let layer = plan.from; layer < plan.through; layer++) {
    if (!omittedLayers.has(layer)) tokens = runLayer(context, plan, layer, tokens);
    emitHiddenState(context, plan, layer + 1, tokens);
  }
  if (plan.attentionOnly !== undefined) {
    const normal = normalise(context, plan.attentionOnly, 'attention', tokens);
    attentionMap(context, selfAttention(plan, plan.attentionOnly, normal));
  }
  if (plan.final) emitFinalTokens(context, plan, tokens);
  for (const name of plan.outputs) graph.output(name, outputDimensions(config, plan, name));
  return graph;
}

/** int8 takes one scale from all rows of its input: of fewer rows CLS would be another number than CLS among all tokens. */
function withAllRowsWhereInt8(plan: PartPlan, config: ModelConfig, { int8Matrix }: WeightSet): PartPlan {
  const narrow = linearLayers(config).filter(({ layer }) => layer === plan.classOnly);
  return narrow.some((linear) => int8Matrix(linear) !== undefined) ? { ...plan, classOnly: undefined } : plan;
}

/** The tokens that a part starts from when another part made them. */
function givenTokens({ graph, config }: LayerContext, plan: PartPlan): Value {
  const { hiddenSize } = config;
  const given = graph.input('hidden_states', [batchDimension(plan), plan.tokenCount, hiddenSize]);
  return graph.node('hidden_states/rows', 'Reshape', [given, graph.integers([-1, hiddenSize])]);
}

/** One layer: attention and feed-forward, each on normalised tokens, scaled (DINOv2) and added to what it was given. */
function runLayer(context: LayerContext, plan: PartPlan, layer: number, tokens: Value): Value {
  const normal = normalise(context, layer, 'attention', tokens);
  const whole = selfAttention(plan, layer, normal);
  const narrow = plan.classOnly === layer;
  const input = narrow
    ? {
        ...whole,
        queries: classRows(context, plan, `${layer}/class query`, normal),
        queryCount: classRowCount,
      }
    : whole;
  const kept = narrow ? classRows(context, plan, `${layer}/class`, tokens) : tokens;
  const attended = attend(context, input, attentionMap(context, input));
  const middle = addScaled(context, `${layer}/middle`, kept, attended, `encoder.layer.${layer}.layer_scale1`);
  const inner = feedForward(context, layer, normalise(context, layer, 'feedForward', middle));
  return addScaled(context, `${layer}/tokens`, middle, inner, `encoder.layer.${layer}.layer_scale2`);
}

function selfAttention({ tokenCount }: PartPlan, layer: number, normal: Value): AttentionInput {
  return { layer, queries: normal, queryCount: tokenCount, keys: normal, keyCount: tokenCount };
}

function normalise(
  context: LayerContext,
  layer: number,
  part: 'attention' | 'feedForward',
  tokens: Value,
): Value {
  const tensor = layerNorms(context.config, layer)[part];
  return layerNorm(context, `${layer}/${part}Norm`, tokens, tensor);
}

function addScaled(
  { graph, config, weight }: LayerContext,
  name: string,
  tokens: Value,
  change: Value,
  scaleTensor: string,
): Value {
  const scaled = config.layerScale
    ? graph.node(`${name}/scaled`, 'Mul', [change, weight(`${scaleTensor}.lambda1`)])
    : change;
  return graph.node(name, 'Add', [tokens, scaled]);
}

/**
 * The rows of an image that the last layer computes where CLS alone is wanted. Not one but two: matrix libraries compute a single row
 * by a routine of its own that adds up in another order, and CLS would differ in its last bits from CLS among all tokens.
 */
const classRowCount = 2;

/** The first tokens of every image, CLS among them: `[B * classRowCount, D]`. */
function classRows(context: LayerContext, plan: PartPlan, name: string, tokens: Value): Value {
  const { graph, config } = context;
  const sliced = sliceTokens(context, name, tokens, plan.tokenCount, [0, classRowCount]);
  return graph.node(`${name}/rows`, 'Reshape', [sliced, graph.integers([-1, config.hiddenSize])]);
}

/** Tokens `start` to `end` - 1 of the `count` that every image has: `[B, end - start, D]`. */
function sliceTokens(
  { graph, config }: LayerContext,
  name: string,
  tokens: Value,
  count: number,
  [start, end]: readonly [number, number],
): Value {
  const shape = graph.integers([-1, count, config.hiddenSize]);
  if (start === 0 && end === count) return graph.node(name, 'Reshape', [tokens, shape]);
  const images = graph.node(`${name}/images`, 'Reshape', [tokens, shape]);
  return graph.node(name, 'Slice', [
    images,
    graph.integers([start]),
    graph.integers([end]),
    graph.integers([1]),
  ]);
}

function emitHiddenState(
  { graph, config }: LayerContext,
  plan: PartPlan,
  index: number,
  tokens: Value,
): void {
  if (!plan.hiddenStates.has(index)) return;
  const shape = graph.integers([-1, plan.tokenCount, config.hiddenSize]);
  graph.node(`hidden_states.${index}`, 'Reshape', [tokens, shape]);
}

function emitFinalTokens(context: LayerContext, plan: PartPlan, tokens: Value): void {
  const count = plan.classOnly === undefined ? plan.tokenCount : classRowCount;
  const chosen = sliceTokens(context, 'final', tokens, count, chosenTokens(plan));
  layerNorm(context, 'last_hidden_state', chosen, 'layernorm');
}

/** The first token that is asked for and the one after the last. */
function chosenTokens({ tokens, tokenCount }: PartPlan): readonly [start: number, end: number] {
  switch (tokens) {
    case 'all':
      return [0, tokenCount];
    case 'cls':
      return [0, 1];
    case 'patches':
      return [1, tokenCount];
  }
}

function outputDimensions(
  { heads, hiddenSize }: ModelConfig,
  plan: PartPlan,
  name: OutputName,
): readonly Dimension[] {
  const batch = batchDimension(plan);
  if (name.startsWith('attentions.')) return [batch, heads, plan.tokenCount, plan.tokenCount];
  if (name.startsWith('hidden_states.')) return [batch, plan.tokenCount, hiddenSize];
  const [start, end] = chosenTokens(plan);
  return [batch, end - start, hiddenSize];
}
