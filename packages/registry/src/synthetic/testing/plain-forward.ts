import type { Tensor } from '@webssl/backend';
import type { ModelConfig } from '../../model-config.js';

/** What a forward pass gives: the tokens after the final LayerNorm, and each layer's mean attention entropy over log(tokens). */
interface Outcome {
  readonly tokens: readonly Float64Array[];
  readonly entropies: readonly number[];
}

/** The tensors of a checkpoint by name. */
export type Weights = ReadonlyMap<string, Tensor>;

/**
 * The forward pass of ViT and DINOv2 in plain loops, from the formulas alone.
 * @param pixels `[3, S, S]`, S being the config's image size.
 * @param skipped index of a layer to leave out.
 */
export function plainForward(
  config: ModelConfig,
  weights: Weights,
  pixels: Float32Array,
  skipped?: number,
): Outcome {
  const entropies: number[] = [];
  let tokens = embed(config, weights, pixels);
  for (let layer = 0; layer < config.layers; layer++) {
    if (layer === skipped) continue;
    const prefix = `encoder.layer.${layer}.`;
    const [first, second] =
      config.modelType === 'vit' ? ['layernorm_before', 'layernorm_after'] : ['norm1', 'norm2'];
    const { mixed, entropy } = attend(
      config,
      weights,
      prefix,
      tokens.map((token) => norm(weights, `${prefix}${first}`, token)),
    );
    entropies.push(entropy);
    tokens = add(weights, `${prefix}layer_scale1.lambda1`, tokens, mixed);
    const fed = tokens.map((token) =>
      feedForward(config, weights, prefix, norm(weights, `${prefix}${second}`, token)),
    );
    tokens = add(weights, `${prefix}layer_scale2.lambda1`, tokens, fed);
  }
  return { tokens: tokens.map((token) => norm(weights, 'layernorm', token)), entropies };
}

function data(weights: Weights, name: string): Float32Array {
  const tensor = weights.get(name);
  if (tensor === undefined) throw new Error(`no tensor ${name}`);
  return tensor.data;
}

function linear(weights: Weights, name: string, input: Float64Array): Float64Array {
  const matrix = data(weights, `${name}.weight`);
  return Float64Array.from(data(weights, `${name}.bias`), (bias, row) => {
    let sum = bias;
    for (let column = 0; column < input.length; column++) {
      sum += at(matrix, row * input.length + column) * at(input, column);
    }
    return sum;
  });
}

function embed(config: ModelConfig, weights: Weights, pixels: Float32Array): Float64Array[] {
  const { patchSize, imageSize } = config;
  const grid = imageSize / patchSize;
  const patches = Array.from({ length: grid * grid }, (_, patch) => {
    const [top, left] = [Math.floor(patch / grid) * patchSize, (patch % grid) * patchSize];
    const values = Float64Array.from({ length: 3 * patchSize * patchSize }, (__, index) => {
      const [channel, inside] = [Math.floor(index / patchSize ** 2), index % patchSize ** 2];
      const [y, x] = [top + Math.floor(inside / patchSize), left + (inside % patchSize)];
      return at(pixels, (channel * imageSize + y) * imageSize + x);
    });
    return linear(weights, 'embeddings.patch_embeddings.projection', values);
  });
  const positions = data(weights, 'embeddings.position_embeddings');
  const cls = Float64Array.from(data(weights, 'embeddings.cls_token'));
  return [cls, ...patches].map((token, row) =>
    token.map((value, column) => value + at(positions, row * token.length + column)),
  );
}

function norm(weights: Weights, name: string, token: Float64Array): Float64Array {
  const mean = token.reduce((sum, value) => sum + value, 0) / token.length;
  const variance = token.reduce((sum, value) => sum + (value - mean) ** 2, 0) / token.length;
  const [scale, bias] = [data(weights, `${name}.weight`), data(weights, `${name}.bias`)];
  return token.map(
    (value, index) => ((value - mean) / Math.sqrt(variance + 1e-6)) * at(scale, index) + at(bias, index),
  );
}

function attend(
  { heads, hiddenSize }: ModelConfig,
  weights: Weights,
  prefix: string,
  tokens: readonly Float64Array[],
): { mixed: readonly Float64Array[]; entropy: number } {
  const part = (name: string) =>
    tokens.map((token) => linear(weights, `${prefix}attention.attention.${name}`, token));
  const [queries, keys, values] = [part('query'), part('key'), part('value')];
  const size = hiddenSize / heads;
  let entropy = 0;
  const mixed = queries.map((query) => {
    const output = new Float64Array(hiddenSize);
    for (let head = 0; head < heads; head++) {
      const logits = keys.map((key) => {
        let sum = 0;
        for (let index = head * size; index < (head + 1) * size; index++)
          sum += at(query, index) * at(key, index);
        return sum / Math.sqrt(size);
      });
      const shares = softmax(logits);
      for (const [token, share] of shares.entries()) {
        entropy -= share * Math.log(share);
        const value = values[token] ?? output;
        for (let index = head * size; index < (head + 1) * size; index++) {
          output[index] = at(output, index) + share * at(value, index);
        }
      }
    }
    return linear(weights, `${prefix}attention.output.dense`, output);
  });
  return { mixed, entropy: entropy / (heads * tokens.length) / Math.log(tokens.length) };
}

function softmax(logits: readonly number[]): readonly number[] {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function feedForward(
  config: ModelConfig,
  weights: Weights,
  prefix: string,
  token: Float64Array,
): Float64Array {
  if (config.feedForward === 'gelu') {
    const inner = linear(weights, `${prefix}intermediate.dense`, token);
    return linear(weights, `${prefix}output.dense`, inner.map(gelu));
  }
  const inner = linear(weights, `${prefix}mlp.weights_in`, token);
  const half = inner.length / 2;
  const gated = inner
    .subarray(0, half)
    .map((gate, index) => (gate / (1 + Math.exp(-gate))) * at(inner, half + index));
  return linear(weights, `${prefix}mlp.weights_out`, gated);
}

/** By the tanh form, which differs from the exact one by less than 0.001. */
function gelu(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

/** The residual connection, through LayerScale where the model has it. */
function add(
  weights: Weights,
  scaleName: string,
  tokens: readonly Float64Array[],
  branch: readonly Float64Array[],
): Float64Array[] {
  const scale = weights.get(scaleName)?.data;
  return tokens.map((token, row) =>
    token.map(
      (value, index) =>
        value + (scale === undefined ? 1 : at(scale, index)) * at(branch[row] ?? token, index),
    ),
  );
}

function at(array: Float32Array | Float64Array, index: number): number {
  return array[index] ?? Number.NaN;
}
