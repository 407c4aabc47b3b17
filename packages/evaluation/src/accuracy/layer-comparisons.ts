import type { ModelDescription, OutputName } from '@webssl/backend';
import { type Comparison, compareTensors } from '@webssl/metrics';
import type { RunRecorder } from '../run/run-recorder.js';
import type { AccuracySettings } from './accuracy-settings.js';
import { comparisonFields } from './comparison-fields.js';
import type { ImagePlace } from './image-comparisons.js';
import { LayerDrift } from './layer-drift.js';
import { type ImageTensors, tensorOf } from './recorded-runs.js';

/** The hidden states that a run compares, in the order of the layers; none where it was not asked for. */
export function comparedLayers({ layers }: AccuracySettings, model: ModelDescription): OutputName[] {
  if (!layers) return [];
  return Array.from({ length: model.layers + 1 }, (_, layer) => `hidden_states.${layer}` as const);
}

/** Compares images after every layer, records what it finds, and where it begins to drift. */
export class LayerComparisons {
  readonly #recorder: RunRecorder;
  readonly #layers: readonly OutputName[];
  readonly #drift: LayerDrift;

  /**
   * @param layers as {@link comparedLayers} gives them
   * @param bound on the NMSE of each, a ratio
   */
  constructor(recorder: RunRecorder, layers: readonly OutputName[], bound: number) {
    this.#recorder = recorder;
    this.#layers = layers;
    this.#drift = new LayerDrift(bound);
  }

  add(place: ImagePlace, candidate: ImageTensors, reference: ImageTensors): Comparison[] {
    return this.#layers.map((output, layer) => {
      const comparison = compareTensors(tensorOf(candidate, output), tensorOf(reference, output));
      this.#drift.add(layer, comparison.nmse);
      this.#recorder.record('accuracy.layer', { ...place, layer, ...comparisonFields(comparison) });
      return comparison;
    });
  }

  /** Records nothing where no layer was compared. */
  recordDrift(): void {
    const drift = this.#drift.fields();
    if (drift !== undefined) this.#recorder.record('accuracy.drift', drift);
  }
}
