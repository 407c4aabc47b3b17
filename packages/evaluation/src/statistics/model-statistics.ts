import { type ModelDescription, WebsslError } from '@webssl/backend';
import { type CustomModel, type Encoder, type LoadEncoderOptions, loadEncoder } from '@webssl/encoder';
import { createModelSource } from '@webssl/graph';
import { cosineSimilarity, meanAttentionEntropy, nmse } from '@webssl/metrics';
import { type Checkpoint, openCheckpoint } from '@webssl/registry';

/** How a model behaves on some images. A trained model and a well made synthetic one are alike in these figures; noise is not. */
export interface ModelStatistics {
  readonly model: ModelDescription;
  /** Of every layer: mean entropy of its attention rows over log(tokens), 0 (one token) to 1 (all alike). */
  readonly attentionEntropy: readonly number[];
  /** Of every layer: NMSE of `last_hidden_state` when the layer is left out, against the whole model. */
  readonly effectOfLeavingOut: readonly number[];
  /** Cosine between the CLS features of the two images that are most alike. */
  readonly largestClsCosine: number;
}

export interface ModelStatisticsOptions extends LoadEncoderOptions {
  /** Paths; at least two different images. */
  readonly images: readonly string[];
  /** Called with the number of layers that are done, of `layers` in each of the two passes. */
  readonly onLayer?: (done: number, total: number) => void;
}

/** Attention maps that cross from the device at once. */
const attentionBytes = 256 * 1024 * 1024;

/**
 * Runs a model with and without each of its layers.
 *
 * @param reference as `loadEncoder` of `@webssl/encoder` takes it
 * @throws WebsslError `STATISTICS_IMAGES_MISSING` with fewer than two images; what `loadEncoder` of `@webssl/encoder` throws
 */
export async function measureModel(
  reference: string,
  options: ModelStatisticsOptions,
): Promise<ModelStatistics> {
  if (options.images.length < 2) {
    throw new WebsslError({
      code: 'STATISTICS_IMAGES_MISSING',
      message: `Name at least two different images, not ${options.images.length}: their CLS features are compared.`,
    });
  }
  const checkpoint = await openCheckpoint(reference, options);
  const whole = customModel(checkpoint, options);
  const model = whole.source.describe();
  let done = 0;
  const layersDone = (count: number) => {
    done += count;
    options.onLayer?.(done, model.layers * 2);
  };

  const { states, largestClsCosine } = await withEncoder(whole, options, ['last_hidden_state'], (encoder) =>
    statesOf(encoder, options.images),
  );
  const attentionEntropy: number[] = [];
  for (const features of attentionGroups(model)) {
    attentionEntropy.push(
      ...(await withEncoder(whole, options, features, (encoder) =>
        entropies(encoder, options.images, features),
      )),
    );
    layersDone(features.length);
  }
  const effectOfLeavingOut: number[] = [];
  const [image, state] = [options.images[0] ?? '', states[0] ?? new Float32Array()];
  for (let layer = 0; layer < model.layers; layer++) {
    const without = customModel(checkpoint, options, [layer]);
    const changed = await withEncoder(without, options, ['last_hidden_state'], async (encoder) => {
      const { last_hidden_state } = await encoder.encode(image, { features: ['last_hidden_state'] });
      return last_hidden_state.data;
    });
    effectOfLeavingOut.push(nmse(changed, state));
    layersDone(1);
  }
  return { model, attentionEntropy, effectOfLeavingOut, largestClsCosine };
}

function customModel(
  checkpoint: Checkpoint,
  { cacheFolder, onQuantizeProgress, quantizeWorkerEntry: workerEntry }: LoadEncoderOptions,
  omitLayers: readonly number[] = [],
): CustomModel {
  const source = createModelSource(checkpoint, { cacheFolder, omitLayers, onQuantizeProgress, workerEntry });
  return { source, processor: checkpoint.processor };
}

async function withEncoder<T>(
  model: CustomModel,
  options: LoadEncoderOptions,
  features: readonly string[],
  use: (encoder: Encoder) => Promise<T>,
): Promise<T> {
  const encoder = await loadEncoder(model, { ...options, features });
  try {
    return await use(encoder);
  } finally {
    await encoder.close();
  }
}

async function statesOf(
  encoder: Encoder,
  images: readonly string[],
): Promise<{ states: Float32Array[]; largestClsCosine: number }> {
  const states: Float32Array[] = [];
  const classTokens: Float32Array[] = [];
  for (const image of images) {
    const { last_hidden_state: state, cls } = await encoder.encode(image, {
      features: ['last_hidden_state', 'cls'],
    });
    states.push(state.data);
    classTokens.push(cls.data);
  }
  const cosines = classTokens.flatMap((left, position) =>
    classTokens.slice(position + 1).map((right) => cosineSimilarity(left, right)),
  );
  return { states, largestClsCosine: Math.max(...cosines) };
}

/** As many layers at a time as fit the bound, so that big inputs do not fill the memory. */
function attentionGroups({
  layers,
  heads,
  patchSize,
  imageSize,
}: ModelDescription): `attentions.${number}`[][] {
  const tokens = 1 + (imageSize.height / patchSize) * (imageSize.width / patchSize);
  const size = Math.max(1, Math.floor(attentionBytes / (heads * tokens * tokens * 4)));
  const groups: `attentions.${number}`[][] = [];
  for (let first = 0; first < layers; first += size) {
    const count = Math.min(size, layers - first);
    groups.push(Array.from({ length: count }, (_, offset) => `attentions.${first + offset}` as const));
  }
  return groups;
}

async function entropies(
  encoder: Encoder,
  images: readonly string[],
  features: readonly `attentions.${number}`[],
): Promise<number[]> {
  const sums = features.map(() => 0);
  for (const image of images) {
    const maps = await encoder.encode(image, { features });
    features.forEach((feature, position) => {
      const map = maps[feature];
      if (map === undefined) throw new Error(`the encoder did not give ${feature}`);
      sums[position] = (sums[position] ?? 0) + meanAttentionEntropy(map.data, map.dims.at(-1) ?? 0);
    });
  }
  return sums.map((sum) => sum / images.length);
}
