import { type OutputName, type Tensor, type TokenSelection, WebsslError } from '@webssl/backend';

/**
 * What can be asked of an image, with its shape for one image (D the model's width, N the number of patches):
 * `last_hidden_state` `[1 + N, D]`, `cls` `[D]`, `patches` `[N, D]`, `mean` `[D]` (of the patches),
 * `hidden_states.k` `[1 + N, D]` (0: embeddings, k: after layer k, before the final LayerNorm) and
 * `attentions.k` `[heads, 1 + N, 1 + N]` (layer k counted from 0).
 */
export type Feature =
  | 'last_hidden_state'
  | 'cls'
  | 'patches'
  | 'mean'
  | `hidden_states.${number}`
  | `attentions.${number}`;

const indexed = /^(hidden_states|attentions)\.(0|[1-9]\d*)$/;

/**
 * Reads a feature's name and checks that the model has it.
 *
 * @throws WebsslError `FEATURE_UNKNOWN`
 */
export function parseFeature(name: string, layers: number): Feature {
  if (name === 'last_hidden_state' || name === 'cls' || name === 'patches' || name === 'mean') return name;
  const match = indexed.exec(name);
  const last = match?.[1] === 'hidden_states' ? layers : layers - 1;
  if (match !== null && Number(match[2]) <= last) return name as Feature;
  throw new WebsslError({
    code: 'FEATURE_UNKNOWN',
    message: `There is no feature ${JSON.stringify(name)}. This model has last_hidden_state, cls, patches, mean, hidden_states.0 to hidden_states.${layers} and attentions.0 to attentions.${layers - 1}.`,
    details: { feature: name, layers },
  });
}

/** What a backend session has to give so that the features can be made of it. */
export interface Demand {
  /** Sorted, without repetition. */
  readonly outputs: readonly OutputName[];
  readonly tokens: TokenSelection;
}

/** The least that has to be computed for the features. */
export function demandOf(features: readonly Feature[]): Demand {
  const outputs = new Set<OutputName>();
  const tokens = new Set<TokenSelection>();
  for (const feature of features) {
    if (feature === 'cls' || feature === 'patches' || feature === 'mean' || feature === 'last_hidden_state') {
      outputs.add('last_hidden_state');
      tokens.add(feature === 'cls' ? 'cls' : feature === 'last_hidden_state' ? 'all' : 'patches');
    } else {
      outputs.add(feature);
    }
  }
  const [only] = tokens;
  return { outputs: [...outputs].sort(), tokens: tokens.size === 1 && only !== undefined ? only : 'all' };
}

/** Whether a session that was opened for `offered` can serve `wanted`. */
export function covers(offered: Demand, wanted: Demand): boolean {
  const tokensFit =
    offered.tokens === 'all' ||
    offered.tokens === wanted.tokens ||
    !wanted.outputs.includes('last_hidden_state');
  return tokensFit && wanted.outputs.every((output) => offered.outputs.includes(output));
}

/** The least that serves every one of several demands. */
export function unionOf(demands: readonly Demand[]): Demand {
  const outputs = new Set(demands.flatMap((demand) => demand.outputs));
  const tokens = new Set(
    demands.filter((demand) => demand.outputs.includes('last_hidden_state')).map((demand) => demand.tokens),
  );
  const [only] = tokens;
  return { outputs: [...outputs].sort(), tokens: tokens.size === 1 && only !== undefined ? only : 'all' };
}

/**
 * Makes a feature of what a session gave, for every image of the batch.
 *
 * @param tensors as `BackendSession.run` gives them for `demand`
 * @param normalize divides each vector of the last dimension by its length; attention maps stay as they are
 * @returns a tensor whose first dimension is the batch
 */
export function featureOf(
  feature: Feature,
  tensors: Readonly<Partial<Record<OutputName, Tensor>>>,
  demand: Demand,
  normalize: boolean,
): Tensor {
  const output =
    feature === 'cls' || feature === 'patches' || feature === 'mean' ? 'last_hidden_state' : feature;
  const tensor = tensors[output];
  if (tensor === undefined) throw new Error(`the session did not give ${output}`);
  const selected = feature === output ? tensor : selectTokens(feature, tensor, demand.tokens);
  return normalize && !feature.startsWith('attentions.') ? normalizeVectors(selected) : selected;
}

/** Cuts the tokens of a feature out of `last_hidden_state` `[B, T, D]`, whose tokens are `given`. */
function selectTokens(feature: Feature, tensor: Tensor, given: TokenSelection): Tensor {
  const [batch = 0, tokens = 0, width = 0] = tensor.dims;
  if (feature === 'cls') {
    const data = new Float32Array(batch * width);
    for (let image = 0; image < batch; image++) {
      const start = image * tokens * width;
      data.set(tensor.data.subarray(start, start + width), image * width);
    }
    return { data, dims: [batch, width] };
  }
  const skipped = given === 'all' ? 1 : 0;
  const patches = tokens - skipped;
  if (feature === 'patches') {
    const data = new Float32Array(batch * patches * width);
    for (let image = 0; image < batch; image++) {
      const start = (image * tokens + skipped) * width;
      data.set(tensor.data.subarray(start, start + patches * width), image * patches * width);
    }
    return { data, dims: [batch, patches, width] };
  }
  return { data: meanOfPatches(tensor.data, batch, tokens, skipped, width), dims: [batch, width] };
}

/** Sums in float64, so that the mean does not depend on the order of the patches. */
function meanOfPatches(
  values: Float32Array,
  batch: number,
  tokens: number,
  skipped: number,
  width: number,
): Float32Array {
  const means = new Float32Array(batch * width);
  const sums = new Float64Array(width);
  for (let image = 0; image < batch; image++) {
    sums.fill(0);
    for (let token = skipped; token < tokens; token++) {
      const start = (image * tokens + token) * width;
      for (let channel = 0; channel < width; channel++) {
        sums[channel] = (sums[channel] as number) + (values[start + channel] as number);
      }
    }
    for (let channel = 0; channel < width; channel++) {
      means[image * width + channel] = (sums[channel] as number) / (tokens - skipped);
    }
  }
  return means;
}

/** Divides by max(length, 1e-12), as torch.nn.functional.normalize does: a zero vector stays zero. */
function normalizeVectors({ data, dims }: Tensor): Tensor {
  const width = dims[dims.length - 1] ?? 1;
  const normalized = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += width) {
    let power = 0;
    for (let channel = start; channel < start + width; channel++) power += (data[channel] as number) ** 2;
    const length = Math.max(Math.sqrt(power), 1e-12);
    for (let channel = start; channel < start + width; channel++) {
      normalized[channel] = (data[channel] as number) / length;
    }
  }
  return { data: normalized, dims };
}

/** What a session gave for one image of a batch, as a batch of one; it shares the memory of the whole. */
export function imageOf<Name extends string>(
  tensors: Readonly<Partial<Record<Name, Tensor>>>,
  image: number,
): Readonly<Partial<Record<Name, Tensor>>> {
  const entries = Object.entries<Tensor | undefined>(tensors);
  return Object.fromEntries(
    entries.map(([name, tensor]) => [name, tensor === undefined ? undefined : rowOf(tensor, image)]),
  ) as Partial<Record<Name, Tensor>>;
}

function rowOf({ data, dims }: Tensor, row: number): Tensor {
  const [, ...rest] = dims;
  const length = rest.reduce((product, size) => product * size, 1);
  return { data: data.subarray(row * length, (row + 1) * length), dims: [1, ...rest] };
}

/** A feature of a batch of one as that of its image: the first dimension falls away, and no other memory is held. */
export function alone({ data, dims }: Tensor): Tensor {
  const isPartOfMore = data.byteLength < data.buffer.byteLength;
  return { data: isPartOfMore ? data.slice() : data, dims: dims.slice(1) };
}
