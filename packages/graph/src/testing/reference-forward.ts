import type { Tensor } from '@webssl/backend';
import type { Checkpoint } from '@webssl/registry';
import { readTensor } from '@webssl/tensor-files';

/** Rows of tokens. */
type Matrix = readonly (readonly number[])[];

/**
 * The forward pass written down plainly, in float64 and without a graph: `last_hidden_state` of one image of the checkpoint's own
 * size. Follows the published definitions of ViT (arXiv 2010.11929) and DINOv2 (arXiv 2304.07193).
 */
export async function referenceForward(checkpoint: Checkpoint, pixels: Tensor): Promise<Matrix> {
  const { config } = checkpoint;
  const weights = new Map<string, readonly number[]>();
  for (const [name, entry] of checkpoint.tensors) weights.set(name, [...(await readTensor(entry)).data]);
  const get = (name: string) => {
    const values = weights.get(name);
    if (values === undefined) throw new Error(`no tensor ${name}`);
    return values;
  };
  const linear = (tokens: Matrix, name: string): Matrix => {
    const weight = get(`${name}.weight`);
    const bias = weights.get(`${name}.bias`);
    const width = tokens[0]?.length ?? 0;
    const rows = Array.from({ length: weight.length / width }, (_, row) =>
      weight.slice(row * width, (row + 1) * width),
    );
    return tokens.map((token) => rows.map((row, index) => dot(token, row) + (bias?.[index] ?? 0)));
  };
  const normalise = (tokens: Matrix, name: string): Matrix =>
    tokens.map((token) => {
      const mean = sum(token) / token.length;
      const variance = sum(token.map((value) => (value - mean) ** 2)) / token.length;
      const scale = 1 / Math.sqrt(variance + config.layerNormEpsilon);
      return token.map(
        (value, index) =>
          (value - mean) * scale * at(get(`${name}.weight`), index) + at(get(`${name}.bias`), index),
      );
    });
  const attention = (tokens: Matrix, name: string): Matrix => {
    const [query, key, value] = ['query', 'key', 'value'].map((part) =>
      linear(tokens, `${name}.attention.${part}`),
    );
    const size = config.hiddenSize / config.heads;
    const gathered = tokens.map((_, row) =>
      Array.from({ length: config.heads }, (__, head) => {
        const cut = (matrix: Matrix | undefined, index: number) =>
          (matrix?.[index] ?? []).slice(head * size, (head + 1) * size);
        const scores = tokens.map((__, other) => dot(cut(query, row), cut(key, other)) / Math.sqrt(size));
        const largest = Math.max(...scores);
        const exponentials = scores.map((score) => Math.exp(score - largest));
        const total = sum(exponentials);
        return Array.from({ length: size }, (___, index) =>
          sum(exponentials.map((share, other) => (share / total) * at(cut(value, other), index))),
        );
      }).flat(),
    );
    return linear(gathered, `${name}.output.dense`);
  };
  const feedForward = (tokens: Matrix, layer: string): Matrix => {
    if (config.feedForward === 'swiglu') {
      const both = linear(tokens, `${layer}.mlp.weights_in`);
      const half = config.feedForwardSize;
      const gated = both.map((row) =>
        row.slice(0, half).map((gate, index) => (gate / (1 + Math.exp(-gate))) * at(row, half + index)),
      );
      return linear(gated, `${layer}.mlp.weights_out`);
    }
    const [first, second] =
      config.modelType === 'vit' ? ['intermediate.dense', 'output.dense'] : ['mlp.fc1', 'mlp.fc2'];
    return linear(
      linear(tokens, `${layer}.${first}`).map((row) => row.map(gelu)),
      `${layer}.${second}`,
    );
  };
  const scale = (tokens: Matrix, name: string): Matrix =>
    config.layerScale ? tokens.map((row) => row.map((value, index) => value * at(get(name), index))) : tokens;

  const [before, after] =
    config.modelType === 'vit' ? ['layernorm_before', 'layernorm_after'] : ['norm1', 'norm2'];
  let tokens = embed(pixels, config.patchSize, get);
  for (let index = 0; index < config.layers; index++) {
    const layer = `encoder.layer.${index}`;
    const attended = attention(normalise(tokens, `${layer}.${before}`), `${layer}.attention`);
    tokens = add(tokens, scale(attended, `${layer}.layer_scale1.lambda1`));
    const changed = feedForward(normalise(tokens, `${layer}.${after}`), layer);
    tokens = add(tokens, scale(changed, `${layer}.layer_scale2.lambda1`));
  }
  return normalise(tokens, 'layernorm');
}

function embed({ data, dims }: Tensor, patch: number, get: (name: string) => readonly number[]): Matrix {
  const [, channels = 0, height = 0, width = 0] = dims;
  const weight = get('embeddings.patch_embeddings.projection.weight');
  const bias = get('embeddings.patch_embeddings.projection.bias');
  const tokens: (readonly number[])[] = [get('embeddings.cls_token')];
  for (let top = 0; top < height; top += patch) {
    for (let left = 0; left < width; left += patch) {
      const values: number[] = [];
      for (let channel = 0; channel < channels; channel++) {
        for (let y = top; y < top + patch; y++) {
          for (let x = left; x < left + patch; x++) values.push(at(data, (channel * height + y) * width + x));
        }
      }
      tokens.push(
        bias.map(
          (start, row) => start + dot(values, weight.slice(row * values.length, (row + 1) * values.length)),
        ),
      );
    }
  }
  const positions = get('embeddings.position_embeddings');
  return tokens.map((token, row) =>
    token.map((value, index) => value + at(positions, row * token.length + index)),
  );
}

function gelu(value: number): number {
  return (value / 2) * (1 + erf(value / Math.SQRT2));
}

/** The error function by Kummer's series, whose terms are all of one sign. */
function erf(x: number): number {
  let term = (2 / Math.sqrt(Math.PI)) * x * Math.exp(-x * x);
  let total = term;
  for (let n = 1; Math.abs(term) > 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return total;
}

function add(left: Matrix, right: Matrix): Matrix {
  return left.map((row, index) => row.map((value, column) => value + at(right[index] ?? [], column)));
}

function dot(left: readonly number[], right: readonly number[]): number {
  let total = 0;
  for (let index = 0; index < left.length; index++) total += at(left, index) * at(right, index);
  return total;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new Error(`no element ${index}`);
  return value;
}
