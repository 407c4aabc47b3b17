import { affine, errorFunction, layerNorm, type Matrix, plus, softmaxRow } from './linear-algebra.js';

/** Weights by their names in a Hugging Face ViT checkpoint. */
export type Weights = ReadonlyMap<string, Float64Array>;

export interface VisionTransformerShape {
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly patchSize: number;
  readonly layerNormEpsilon: number;
}

/** What one image gives: every hidden state `[T, D]` and attention map `[heads * T, T]`, and the final tokens `[T, D]`. */
export interface ImageOutputs {
  readonly hiddenStates: readonly Matrix[];
  readonly attentions: readonly Matrix[];
  readonly lastHiddenState: Matrix;
}

/**
 * The forward pass of a ViT (Dosovitskiy et al. 2021, arXiv 2010.11929, with pre-norm and GELU by the error function) in
 * float64, written to be read and compared with, not to be fast. Takes one square image `[3, S, S]` of the size that the position
 * embeddings were made for.
 */
export function visionTransformer(
  pixels: Float32Array,
  imageSize: number,
  weights: Weights,
  shape: VisionTransformerShape,
): ImageOutputs {
  let hidden = embed(pixels, imageSize, weights, shape);
  const hiddenStates = [hidden];
  const attentions: Matrix[] = [];
  for (let layer = 0; layer < shape.layers; layer += 1) {
    const name = `encoder.layer.${layer}`;
    const { context, maps } = attend(
      normalise(hidden, weights, `${name}.layernorm_before`, shape),
      weights,
      `${name}.attention`,
      shape,
    );
    const attended = plus(context, hidden);
    const inner = project(
      normalise(attended, weights, `${name}.layernorm_after`, shape),
      weights,
      `${name}.intermediate.dense`,
    );
    hidden = plus(project(gelu(inner), weights, `${name}.output.dense`), attended);
    hiddenStates.push(hidden);
    attentions.push(maps);
  }
  return { hiddenStates, attentions, lastHiddenState: normalise(hidden, weights, 'layernorm', shape) };
}

/** The projections of the patches, row by row, behind the CLS token; plus positions. */
function embed(
  pixels: Float32Array,
  imageSize: number,
  weights: Weights,
  { hiddenSize, patchSize }: VisionTransformerShape,
): Matrix {
  const across = imageSize / patchSize;
  const columns = 3 * patchSize * patchSize;
  const patches = { rows: across * across, columns, data: new Float64Array(across * across * columns) };
  for (let patch = 0; patch < patches.rows; patch += 1) {
    const top = Math.floor(patch / across) * patchSize;
    const left = (patch % across) * patchSize;
    for (let index = 0; index < columns; index += 1) {
      const channel = Math.floor(index / (patchSize * patchSize));
      const y = top + (Math.floor(index / patchSize) % patchSize);
      const x = left + (index % patchSize);
      patches.data[patch * columns + index] = pixels[(channel * imageSize + y) * imageSize + x] ?? Number.NaN;
    }
  }
  const projected = project(patches, weights, 'embeddings.patch_embeddings.projection');
  const tokens = {
    rows: 1 + patches.rows,
    columns: hiddenSize,
    data: new Float64Array((1 + patches.rows) * hiddenSize),
  };
  tokens.data.set(weight(weights, 'embeddings.cls_token'));
  tokens.data.set(projected.data, hiddenSize);
  return plus(tokens, { ...tokens, data: weight(weights, 'embeddings.position_embeddings') });
}

/** Multi-head self-attention: the output of its last projection, and the softmax weights `[heads * T, T]`. */
function attend(
  input: Matrix,
  weights: Weights,
  name: string,
  { hiddenSize, heads }: VisionTransformerShape,
): { context: Matrix; maps: Matrix } {
  const tokens = input.rows;
  const width = hiddenSize / heads;
  const [query, key, value] = ['query', 'key', 'value'].map(
    (part) => project(input, weights, `${name}.attention.${part}`).data,
  ) as [Float64Array, Float64Array, Float64Array];
  const maps = { rows: heads * tokens, columns: tokens, data: new Float64Array(heads * tokens * tokens) };
  const mixed = { rows: tokens, columns: hiddenSize, data: new Float64Array(tokens * hiddenSize) };
  for (let head = 0; head < heads; head += 1) {
    for (let from = 0; from < tokens; from += 1) {
      const scores = Float64Array.from({ length: tokens }, (_, to) => {
        let score = 0;
        for (let index = head * width; index < (head + 1) * width; index += 1) {
          score += at(query, from * hiddenSize + index) * at(key, to * hiddenSize + index);
        }
        return score / Math.sqrt(width);
      });
      const probabilities = softmaxRow(scores);
      maps.data.set(probabilities, (head * tokens + from) * tokens);
      for (let index = head * width; index < (head + 1) * width; index += 1) {
        let sum = 0;
        for (let to = 0; to < tokens; to += 1)
          sum += at(probabilities, to) * at(value, to * hiddenSize + index);
        mixed.data[from * hiddenSize + index] = sum;
      }
    }
  }
  return { context: project(mixed, weights, `${name}.output.dense`), maps };
}

function project(input: Matrix, weights: Weights, name: string): Matrix {
  return affine(input, weight(weights, `${name}.weight`), weight(weights, `${name}.bias`));
}

function normalise(input: Matrix, weights: Weights, name: string, shape: VisionTransformerShape): Matrix {
  return layerNorm(
    input,
    weight(weights, `${name}.weight`),
    weight(weights, `${name}.bias`),
    shape.layerNormEpsilon,
  );
}

/** x times the normal distribution function of x. */
function gelu(input: Matrix): Matrix {
  return { ...input, data: input.data.map((x) => 0.5 * x * (1 + errorFunction(x / Math.SQRT2))) };
}

function weight(weights: Weights, name: string): Float64Array {
  const values = weights.get(name);
  if (values === undefined) throw new RangeError(`There is no weight ${name}.`);
  return values;
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? Number.NaN;
}
