import {
  type ImageSize,
  type ModelDescription,
  type OutputName,
  type Tensor,
  WebsslError,
} from '@webssl/backend';
import { type Comparison, compareTensors } from '@webssl/metrics';
import type { PixelValues } from '@webssl/preprocess';
import type { TestImage, UnusableImage } from '../images/load-test-images.js';
import type { RunRecorder } from '../run/run-recorder.js';
import type { ImageDifference } from './accuracy-options.js';
import type { AccuracySettings } from './accuracy-settings.js';
import { AccuracyTotals } from './accuracy-totals.js';
import { type BatchGroup, BatchGroups } from './batch-groups.js';
import { comparisonFields } from './comparison-fields.js';
import { ImageDifferences } from './image-differences.js';
import { LayerDrift } from './layer-drift.js';
import { type ImageTensors, RecordedRuns, type Side } from './recorded-runs.js';
import type { SavedTensors } from './saved-tensors.js';
import { StabilityTally } from './stability-tally.js';
import { classTokenOf } from './tensor-parts.js';

/** What a run works with. */
export interface AccuracyRunParts {
  readonly recorder: RunRecorder;
  readonly settings: AccuracySettings;
  readonly model: ModelDescription;
  readonly size: ImageSize;
  readonly reference: Side;
  readonly candidate: Side;
  readonly saved: SavedTensors | undefined;
  readonly signal: AbortSignal | undefined;
  /** Called when an image is done in so many more batch sizes. */
  readonly onCompared: (batchSizes: number) => void;
}

/** Which image a record is about. */
interface ImagePlace {
  readonly index: number;
  readonly image: string;
}

/** An image that both sides computed alone. */
interface ComparedImage {
  readonly place: ImagePlace;
  readonly pixelValues: PixelValues;
  /** `last_hidden_state` of the reference, `[T, D]`. */
  readonly reference: Tensor;
  /** The candidate's first one. */
  readonly alone: Tensor;
}
type Group = BatchGroup<ComparedImage, PixelValues>;

/** What images are compared by in every batch. */
const state = 'last_hidden_state';

/** The outputs that the sessions of a run are opened with; the layers in their order after the last state. */
export function comparedOutputs({ layers }: AccuracySettings, model: ModelDescription): OutputName[] {
  const hidden = Array.from({ length: model.layers + 1 }, (_, layer) => `hidden_states.${layer}` as const);
  return layers ? [state, ...hidden] : [state];
}

/** Compares image by image, and keeps the tensors of no more images than the largest batch has. */
export class AccuracyRun {
  readonly #parts: AccuracyRunParts;
  readonly #runs: RecordedRuns;
  readonly #outputs: readonly OutputName[];
  readonly #groups: BatchGroups<ComparedImage, PixelValues>;
  readonly #totals = { [state]: new AccuracyTotals(), cls: new AccuracyTotals() };
  readonly #drift: LayerDrift;
  readonly #differences: ImageDifferences;

  constructor(parts: AccuracyRunParts) {
    const { recorder, settings, model, size, signal } = parts;
    this.#parts = parts;
    this.#runs = new RecordedRuns(recorder, signal);
    this.#outputs = comparedOutputs(settings, model);
    this.#groups = new BatchGroups(settings.batches.filter((batch) => batch > 1));
    this.#drift = new LayerDrift(settings.maxNmse);
    this.#differences = new ImageDifferences(size, model.patchSize);
  }

  /**
   * Compares one image alone, and in the batches that it completes.
   *
   * @throws WebsslError `BACKEND_LOST`, `BACKEND_CLOSED` when a session has ended, `OUTPUT_*`; the signal's reason
   */
  async add(image: TestImage | UnusableImage): Promise<void> {
    const { settings, onCompared } = this.#parts;
    if ('error' in image) this.#runs.failed(image.error, { index: image.index, image: image.name });
    const compared = 'error' in image ? undefined : await this.#compareAlone(image);
    onCompared(compared === undefined ? settings.batches.length : 1);
    if (compared === undefined) return;
    for (const group of this.#groups.add(compared, fillerOf)) await this.#compareGroup(group);
  }

  /**
   * Compares the batches that are not full, filled up, and records what it all comes to.
   *
   * @returns the differences that {@link AccuracyResult} has
   * @throws WebsslError `EVALUATION_NOTHING_COMPARED`; as {@link add} does
   */
  async finish(): Promise<ImageDifference[]> {
    const { recorder } = this.#parts;
    for (const group of this.#groups.rest()) await this.#compareGroup(group);
    if (this.#totals.cls.comparisons === 0) throw nothingCompared(this.#runs.firstError);
    for (const tensor of [state, 'cls'] as const) {
      recorder.record('accuracy.total', { tensor, ...this.#totals[tensor].fields() });
    }
    const drift = this.#drift.fields();
    if (drift !== undefined) recorder.record('accuracy.drift', drift);
    return this.#differences.list();
  }

  async #compareAlone(testImage: TestImage): Promise<ComparedImage | undefined> {
    const { index, name, pixelValues } = testImage;
    const place = { index, image: name };
    const reference = await this.#runAlone(this.#parts.reference, pixelValues, this.#outputs, place);
    if (reference === undefined) return undefined;
    const candidate = await this.#runAlone(this.#parts.candidate, pixelValues, this.#outputs, place);
    if (candidate === undefined) return undefined;

    const [actual, expected] = [tensorOf(candidate, state), tensorOf(reference, state)];
    const comparison = this.#compare(place, 1, actual, expected);
    this.#differences.add(testImage, actual, expected, comparison.nmse);
    const layers = this.#compareLayers(place, candidate, reference);
    if ([comparison, ...layers].every(({ problem }) => problem !== 'shape-mismatch')) {
      await this.#parts.saved?.add(name, candidate, reference);
    }
    // Copies: the hidden states must not stay in memory with what waits for its batches.
    const compared = { place, pixelValues, reference: copyOf(expected), alone: copyOf(actual) };
    await this.#repeatAlone(compared);
    return compared;
  }

  /** Runs an image of the candidate, which is its first run, again. */
  async #repeatAlone({ place, pixelValues, alone }: ComparedImage): Promise<void> {
    const tally = new StabilityTally(alone);
    tally.add(alone);
    for (let run = 1; run < this.#parts.settings.stability; run++) {
      const result = await this.#runAlone(this.#parts.candidate, pixelValues, [state], place);
      if (result === undefined) return;
      tally.add(tensorOf(result, state));
    }
    this.#recordStability(place, 1, tally);
  }

  /** The first run of a group is what its images are compared by; with stability more follow. */
  async #compareGroup(group: Group): Promise<void> {
    const { settings, onCompared } = this.#parts;
    const images = group.members.map((member) => ({ ...member, tally: new StabilityTally(member.alone) }));
    let complete = true;
    for (let run = 0; complete && run < Math.max(1, settings.stability); run++) {
      const results = await this.#runGroup(group, run);
      complete = results !== undefined;
      results?.forEach((result, position) => {
        const image = images[position] as (typeof images)[number];
        if (run === 0) this.#compare(image.place, group.batch, result, image.reference);
        image.tally.add(result);
      });
    }
    if (complete) for (const { place, tally } of images) this.#recordStability(place, group.batch, tally);
    onCompared(images.length);
  }

  /**
   * Runs a group, each time with every image at another place.
   *
   * @returns `last_hidden_state` of each member
   */
  async #runGroup({ batch, members, fillers }: Group, run: number): Promise<Tensor[] | undefined> {
    const images = [...members.map(({ pixelValues }) => pixelValues), ...fillers];
    const shift = run % batch;
    const shifted = [...images.slice(batch - shift), ...images.slice(0, batch - shift)];
    const results = await this.#runs.run(this.#parts.candidate, shifted, [state]);
    return results && members.map((_, position) => tensorOf(results[(position + shift) % batch], state));
  }

  async #runAlone(
    side: Side,
    pixelValues: PixelValues,
    outputs: readonly OutputName[],
    place: ImagePlace,
  ): Promise<ImageTensors | undefined> {
    const results = await this.#runs.run(side, [pixelValues], outputs, place);
    return results?.[0];
  }

  #compare(place: ImagePlace, batch: number, candidate: Tensor, reference: Tensor): Comparison {
    const whole = compareTensors(candidate, reference);
    const cls = compareTensors(classTokenOf(candidate), classTokenOf(reference));
    for (const [tensor, comparison] of [
      [state, whole],
      ['cls', cls],
    ] as const) {
      this.#totals[tensor].add(comparison);
      const fields = comparisonFields(comparison);
      this.#parts.recorder.record('accuracy.image', { ...place, batch, tensor, ...fields });
    }
    return whole;
  }

  #compareLayers(place: ImagePlace, candidate: ImageTensors, reference: ImageTensors): Comparison[] {
    return this.#outputs.slice(1).map((output, layer) => {
      const comparison = compareTensors(tensorOf(candidate, output), tensorOf(reference, output));
      this.#drift.add(layer, comparison.nmse);
      this.#parts.recorder.record('accuracy.layer', { ...place, layer, ...comparisonFields(comparison) });
      return comparison;
    });
  }

  #recordStability(place: ImagePlace, batch: number, tally: StabilityTally): void {
    if (this.#parts.settings.stability === 0) return;
    this.#parts.recorder.record('accuracy.stability', { ...place, batch, ...tally.fields() });
  }
}

/** An image unlike any of the run, so that a member that shares its batch with it notices being swapped: read backwards. */
function fillerOf({ pixelValues: { data, dims } }: ComparedImage): PixelValues {
  return { data: data.slice().reverse(), dims };
}

/** A tensor that a run was asked for. */
function tensorOf(tensors: ImageTensors | undefined, output: OutputName): Tensor {
  const tensor = tensors?.get(output);
  if (tensor === undefined) throw new Error(`${output} was not asked for`);
  return tensor;
}

function copyOf({ data, dims }: Tensor): Tensor {
  return { data: data.slice(), dims };
}

function nothingCompared(cause: unknown): WebsslError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new WebsslError({
    code: 'EVALUATION_NOTHING_COMPARED',
    message: `Not one image could be compared. The first error was: ${reason}`,
    cause,
  });
}
