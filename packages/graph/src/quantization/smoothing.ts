import type { ModelConfig } from '@webssl/registry';
import { layerNorms, linearLayer } from '../layer-tensors.js';

/**
 * Powers of two by which the channels of activations are made smaller, by the place where they are: at `name`, channel `j` is
 * divided by `2 ** exponents[j]`.
 */
export type Smoothing = Readonly<Record<string, readonly number[]>>;

/**
 * A place where channels can be scaled without changing what the model computes (Xiao et al. 2023, SmoothQuant, arXiv
 * 2211.10438): the tensors that make a channel are divided, the columns that read it are multiplied. With powers of two that is
 * exact to the last bit, but for numbers at the ends of float32's range.
 */
export interface SmoothingPlace {
  /** Such as `3/attentionNorm`. */
  readonly name: string;
  readonly layer: number;
  readonly channels: number;
  /** Tensors whose rows, from `firstRow` on, make the channels. */
  readonly makers: readonly { readonly tensor: string; readonly firstRow: number }[];
  /** Linear layers whose columns read them. */
  readonly readers: readonly string[];
}

/** All places of a model, by layer: behind both LayerNorms, behind the values of attention, and behind the `up` half of SwiGLU. */
export function smoothingPlaces(config: ModelConfig): readonly SmoothingPlace[] {
  return Array.from({ length: config.layers }, (_, layer) =>
    placesOf(config, layer).map((place) => ({ ...place, name: `${layer}/${place.name}`, layer })),
  ).flat();
}

function placesOf(config: ModelConfig, layer: number): readonly Omit<SmoothingPlace, 'layer'>[] {
  const norms = layerNorms(config, layer);
  const name = (role: Parameters<typeof linearLayer>[2]) => linearLayer(config, layer, role).name;
  const { hiddenSize, feedForwardSize, queryKeyValueBias } = config;
  const affine = (tensor: string, hasBias: boolean, firstRow = 0) =>
    (hasBias ? ['weight', 'bias'] : ['weight']).map((part) => ({ tensor: `${tensor}.${part}`, firstRow }));
  return [
    {
      name: 'attentionNorm',
      channels: hiddenSize,
      makers: affine(norms.attention, true),
      readers: [name('query'), name('key'), name('value')],
    },
    {
      name: 'gathered',
      channels: hiddenSize,
      // Attention averages values over tokens and never mixes their channels.
      makers: affine(name('value'), queryKeyValueBias),
      readers: [name('attentionOutput')],
    },
    {
      name: 'feedForwardNorm',
      channels: hiddenSize,
      makers: affine(norms.feedForward, true),
      readers: [name('feedForwardIn')],
    },
    ...(config.feedForward === 'swiglu'
      ? [
          {
            name: 'gated',
            channels: feedForwardSize,
            makers: affine(name('feedForwardIn'), true, feedForwardSize),
            readers: [name('feedForwardOut')],
          },
        ]
      : []),
  ];
}

/** Exponents of the rows and columns of a tensor. */
export interface TensorExponents {
  rows?: Int8Array;
  columns?: Int8Array;
}

/**
 * What a smoothing does to each tensor: the powers of two that its rows and columns are multiplied by.
 * @param shapeOf a tensor's shape
 */
export function tensorExponents(
  config: ModelConfig,
  smoothing: Smoothing,
  shapeOf: (tensor: string) => readonly number[],
): ReadonlyMap<string, TensorExponents> {
  const result = new Map<string, TensorExponents>();
  const of = (tensor: string) => {
    const known = result.get(tensor) ?? {};
    result.set(tensor, known);
    return known;
  };
  for (const { name, makers, readers } of smoothingPlaces(config)) {
    const exponents = smoothing[name];
    if (exponents === undefined) continue;
    for (const { tensor, firstRow } of makers) {
      const rows = new Int8Array(shapeOf(tensor)[0] ?? 0);
      exponents.forEach((exponent, channel) => {
        rows[firstRow + channel] = -exponent;
      });
      of(tensor).rows = rows;
    }
    for (const reader of readers) of(`${reader}.weight`).columns = Int8Array.from(exponents);
  }
  return result;
}
