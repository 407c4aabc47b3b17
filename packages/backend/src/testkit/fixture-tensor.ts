import type { OutputName, TokenSelection } from '../outputs.js';
import type { Tensor } from '../tensor.js';
import { fixtureShape } from './fixture-shape.js';
import { type ImageOutputs, visionTransformer, type Weights } from './vision-transformer.js';

const { hiddenSize, heads, imageSize, tokens: tokenCount } = fixtureShape;

/** The outputs of the fixture model for one image, in float64. */
export function imageOutputs(pixels: Float32Array, weights: Weights): ImageOutputs {
  return visionTransformer(pixels, imageSize, weights, fixtureShape);
}

/** One output of several images as the tensor that a backend gives: rounded to float32, the batch first. */
export function outputTensor(
  images: readonly ImageOutputs[],
  output: OutputName,
  tokens: TokenSelection,
): Tensor {
  const values = images.map((image) => imageValues(image, output, tokens));
  const data = Float32Array.from(values.flatMap((row) => [...row]));
  return { data, dims: [images.length, ...outputDims(output, tokens)] };
}

function imageValues(image: ImageOutputs, output: OutputName, tokens: TokenSelection): Float64Array {
  const [name, index] = output.split('.');
  const matrix =
    name === 'last_hidden_state'
      ? image.lastHiddenState
      : (name === 'hidden_states' ? image.hiddenStates : image.attentions)[Number(index)];
  if (matrix === undefined) throw new RangeError(`The fixture model has no output ${output}.`);
  if (name !== 'last_hidden_state' || tokens === 'all') return matrix.data;
  return tokens === 'cls' ? matrix.data.subarray(0, hiddenSize) : matrix.data.subarray(hiddenSize);
}

function outputDims(output: OutputName, tokens: TokenSelection): readonly number[] {
  if (output.startsWith('attentions')) return [heads, tokenCount, tokenCount];
  if (output !== 'last_hidden_state' || tokens === 'all') return [tokenCount, hiddenSize];
  return [tokens === 'cls' ? 1 : tokenCount - 1, hiddenSize];
}
