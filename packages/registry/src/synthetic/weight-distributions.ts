import type { ModelConfig } from '../model-config.js';
import type { Distribution } from './random-numbers.js';

/*
 * Chosen so that the network behaves like a trained one at any depth and width (behaviour.test.ts says how that is seen):
 * - Queries and keys give attention logits a standard deviation of about 1.6^2 = 2.5, less where tokens resemble one
 *   another. Softmax over T tokens then has an entropy of about log T - 2.5^2 / 2 for small T: focused, not one token alone.
 * - The gain of a residual branch falls with the square root of the depth, so that all branches together add about as
 *   much as the embeddings bring: no layer drowns the tokens' differences, and none is too weak to matter.
 * - The CLS token begins small, so that it becomes what attention brings from the image.
 */
const queryKeyDeviation = 1.6;
const attentionGain = 1.4;
const feedForwardGain = 1;
const layerScaleMean = 0.4;
const patchDeviation = 0.8;
const positionDeviation = 0.5;
const smallDeviation = 0.1;
const normSpread = 0.2;
/** That of the reference's own initialisation, which is what the published poolers have. */
const poolerDeviation = 0.02;

/** Root mean square of GELU(x), and of SiLU(x) y, for x and y of the standard normal distribution. */
const activationRms = { gelu: 0.652, swiglu: 0.596 } as const;

type Recipe = readonly [name: RegExp, distribution: (config: ModelConfig) => Distribution];

/** The first that matches a tensor's name counts. */
const recipes: readonly Recipe[] = [
  [/^embeddings\.(cls|mask)_token$/, () => around(0, smallDeviation)],
  [/^embeddings\.position_embeddings$/, () => around(0, positionDeviation)],
  [
    /^embeddings\..*\.projection\.weight$/,
    ({ channels, patchSize }) => around(0, patchDeviation / Math.sqrt(channels * patchSize * patchSize)),
  ],
  [/^pooler\./, () => around(0, poolerDeviation)],
  [/norm[^.]*\.weight$/, () => around(1, normSpread)],
  [/\.lambda1$/, () => ({ center: layerScaleMean, halfWidth: layerScaleMean / 2 })],
  [/\.attention\.(query|key)\.weight$/, (config) => linear(queryKeyDeviation, config.hiddenSize)],
  [
    /\.attention\.output\.dense\.weight$/,
    (config) => linear(branch(attentionGain, config), config.hiddenSize),
  ],
  [
    /\.attention\.output\.dense\.bias$/,
    (config) => around(0, smallDeviation * branch(attentionGain, config)),
  ],
  [
    /\.(output\.dense|weights_out|fc2)\.weight$/,
    (config) =>
      linear(branch(feedForwardGain, config) / activationRms[config.feedForward], config.feedForwardSize),
  ],
  [
    /\.(output\.dense|weights_out|fc2)\.bias$/,
    (config) => around(0, smallDeviation * branch(feedForwardGain, config)),
  ],
  [/\.(value|intermediate\.dense|weights_in|fc1)\.weight$/, (config) => linear(1, config.hiddenSize)],
  [/\.bias$/, () => around(0, smallDeviation)],
];

/** What the numbers of a tensor are drawn from, by its name in the original files. */
export function weightDistribution(name: string, config: ModelConfig): Distribution {
  const recipe = recipes.find(([pattern]) => pattern.test(name));
  if (recipe === undefined) throw new Error(`no distribution for tensor ${name}`);
  return recipe[1](config);
}

/** The uniform distribution of this mean and standard deviation. */
function around(center: number, deviation: number): Distribution {
  return { center, halfWidth: Math.sqrt(3) * deviation };
}

/** A matrix that turns inputs of variance 1 into outputs of this deviation. */
function linear(deviation: number, inputs: number): Distribution {
  return around(0, deviation / Math.sqrt(inputs));
}

/** Output deviation of a residual branch, before LayerScale. */
function branch(gain: number, { layers, layerScale }: ModelConfig): number {
  return gain / Math.sqrt(layers) / (layerScale ? layerScaleMean : 1);
}
