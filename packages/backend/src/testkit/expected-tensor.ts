import { join } from 'node:path';
import type { OutputName, TokenSelection } from '../outputs.js';
import type { Tensor } from '../tensor.js';
import { checkpointFolder, weightsFile } from './fixture-files.js';
import { fixturePixels } from './fixture-pixels.js';
import { imageOutputs, outputTensor } from './fixture-tensor.js';
import { readWeights } from './read-weights.js';
import type { ImageOutputs, Weights } from './vision-transformer.js';

let weights: Weights | undefined;
const computed = new Map<number, ImageOutputs>();

/**
 * What the fixture model gives for its images, computed in float64 by a forward pass that shares nothing with the graphs.
 * @param images numbers of the images, as given to `fixturePixels`
 */
export function expectedTensor(
  images: readonly number[],
  output: OutputName,
  tokens: TokenSelection = 'all',
): Tensor {
  return outputTensor(images.map(outputsOf), output, tokens);
}

function outputsOf(image: number): ImageOutputs {
  weights ??= readWeights(join(checkpointFolder, weightsFile));
  const known = computed.get(image);
  if (known) return known;
  const outputs = imageOutputs(fixturePixels([image]).data, weights);
  computed.set(image, outputs);
  return outputs;
}
