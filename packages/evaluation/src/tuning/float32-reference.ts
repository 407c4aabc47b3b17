import type { ImageSize, Tensor } from '@webssl/backend';
import type { GraphRunner } from '@webssl/backend-cpu';
import { activationPeaksModel, peaksName, smoothingPlaces } from '@webssl/graph/quantization';
import type { Checkpoint } from '@webssl/registry';
import type { TuningImage } from './tuning-images.js';

/** What the model computes in float32: everything else is compared with it. */
export interface Float32Reference {
  /** `last_hidden_state` of every image. */
  readonly finals: readonly Tensor[];
  /** Of the first images, what each layer is given: layer 0 the pixels, the others tokens; and at last the tokens after the last layer. */
  readonly layerInputs: readonly (readonly Tensor[])[];
  /** Largest absolute value of each channel at every smoothing place, over all images. */
  readonly peaks: ReadonlyMap<string, Float32Array>;
}

/**
 * Runs the model in float32 on every image.
 * @param keptImages of so many images all hidden states are kept: they are large
 */
export async function measureFloat32(
  checkpoint: Checkpoint,
  size: ImageSize,
  images: readonly TuningImage[],
  {
    runner,
    keptImages,
    onImage,
  }: {
    readonly runner: GraphRunner;
    readonly keptImages: number;
    readonly onImage: (done: number) => void;
  },
): Promise<Float32Reference> {
  const { config } = checkpoint;
  const model = await activationPeaksModel(checkpoint, size);
  const places = smoothingPlaces(config);
  const finals: Tensor[] = [];
  const layerInputs: (readonly Tensor[])[] = [];
  const peaks = new Map(places.map(({ name, channels }) => [name, new Float32Array(channels)]));
  for (const { pixels } of images) {
    const [run] = await runner.run(model, [pixels]);
    const output = (name: string): Tensor => {
      const tensor = run?.outputs[name];
      if (tensor === undefined) throw new Error(`the graph gave no ${name}`);
      return tensor;
    };
    finals.push(output('last_hidden_state'));
    if (layerInputs.length < keptImages) {
      layerInputs.push(
        Array.from({ length: config.layers + 1 }, (_, layer) =>
          layer === 0 ? pixels : output(`hidden_states.${layer}`),
        ),
      );
    }
    for (const [place, largest] of peaks) {
      output(peaksName(place)).data.forEach((value, channel) => {
        if (value > (largest[channel] ?? 0)) largest[channel] = value;
      });
    }
    onImage(finals.length);
  }
  return { finals, layerInputs, peaks };
}
