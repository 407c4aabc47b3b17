import type { ImageSize, OnnxModel, OutputName } from '@webssl/backend';
import type { Checkpoint } from '@webssl/registry';
import { buildPart } from '../build-part.js';
import { planPart } from '../part-plan.js';
import { checkpointWeights } from '../weight-set.js';
import { smoothingPlaces } from './smoothing.js';

/** Name of the output with the peaks at a smoothing place. */
export function peaksName(place: string): string {
  return `peaks/${place}`;
}

/**
 * The whole model in float32 for one image, with every hidden state, `last_hidden_state`, and for every smoothing place the largest
 * absolute value of each channel over all tokens, `[channels]`, under `peaksName(place)`.
 * @throws WebsslError `GRAPH_*` when it cannot be built
 */
export function activationPeaksModel(checkpoint: Checkpoint, size: ImageSize): Promise<OnnxModel> {
  const { config } = checkpoint;
  const outputs: readonly OutputName[] = [
    ...Array.from({ length: config.layers + 1 }, (_, layer) => `hidden_states.${layer}` as const),
    'last_hidden_state',
  ];
  const places = smoothingPlaces(config);
  return buildPart(config, checkpointWeights(checkpoint), planPart({ size, batch: 1, outputs }, config), {
    extend(graph) {
      for (const { name, channels } of places) {
        const sizes = graph.node(`${name}/sizes`, 'Abs', [name]);
        const peaks = graph.node(peaksName(name), 'ReduceMax', [sizes], { axes: [0], keepdims: 0 });
        graph.output(peaks, [channels]);
      }
    },
  });
}
