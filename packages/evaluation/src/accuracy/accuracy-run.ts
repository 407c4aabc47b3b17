import {
  type ImageSize,
  type ModelDescription,
  type OutputName,
  type Tensor,
  WebsslError,
} from '@webssl/backend';
import type { PixelValues } from '@webssl/preprocess';
import type { TestImage, UnusableImage } from '../images/load-test-images.js';
import type { RunRecorder } from '../run/run-recorder.js';
import type { ImageDifference } from './accuracy-options.js';
import type { AccuracySettings } from './accuracy-settings.js';
import { type BatchGroup, BatchGroups, type BatchRow } from './batch-groups.js';
import { type ComparedRow, ImageComparisons, type ImagePlace } from './image-comparisons.js';
import { ImageDifferences } from './image-differences.js';
import { comparedLayers, LayerComparisons } from './layer-comparisons.js';
import { pixelVariation } from './pixel-variation.js';
import { RecentTensors } from './recent-tensors.js';
import { type ImageTensors, RecordedRuns, type Side, tensorOf } from './recorded-runs.js';
import type { SavedTensors } from './saved-tensors.js';
import { StabilityTally } from './stability-tally.js';

/** What a run works with. */
export interface AccuracyRunParts {
  readonly recorder: RunRecorder;
  readonly settings: AccuracySettings;
  readonly model: ModelDescription;
  readonly size: ImageSize;
  /** Opened with `last_hidden_state` and {@link comparedLayers}. */
  readonly reference: Side;
  /** Opened with `last_hidden_state` alone. */
  readonly candidate: Side;
  /** Opened with {@link comparedLayers}; undefined where there are none. */
  readonly candidateLayers: Side | undefined;
  readonly saved: SavedTensors | undefined;
  readonly signal: AbortSignal | undefined;
  /** Called when an image is done in so many more batch sizes. */
  readonly onCompared: (batchSizes: number) => void;
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
type Group = BatchGroup<ComparedImage>;

/** What images are compared by in every batch. */
const state = 'last_hidden_state';

/** Compares image by image, and keeps the tensors of no more images than the largest batch has. */
export class AccuracyRun {
  readonly #parts: AccuracyRunParts;
  readonly #runs: RecordedRuns;
  readonly #layers: readonly OutputName[];
  readonly #groups: BatchGroups<ComparedImage>;
  /** What the reference computed of variations of images, which several batch sizes may need. */
  readonly #variations: RecentTensors;
  readonly #comparisons: ImageComparisons;
  readonly #layerComparisons: LayerComparisons;
  readonly #differences: ImageDifferences;

  constructor(parts: AccuracyRunParts) {
    const { recorder, settings, model, size, signal } = parts;
    this.#parts = parts;
    this.#runs = new RecordedRuns(recorder, signal);
    this.#layers = comparedLayers(settings, model);
    this.#groups = new BatchGroups(settings.batches.filter((batch) => batch > 1));
    this.#variations = new RecentTensors(Math.max(...settings.batches));
    this.#comparisons = new ImageComparisons(recorder);
    const layerBound = settings.maxLayerNmse ?? settings.maxNmse;
    this.#layerComparisons = new LayerComparisons(recorder, this.#layers, layerBound);
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
    for (const group of this.#groups.add(compared)) await this.#compareGroup(group);
  }

  /**
   * Compares the batches that are not full, filled up, and records what it all comes to.
   *
   * @returns the differences that {@link AccuracyResult} has
   * @throws WebsslError `EVALUATION_NOTHING_COMPARED`; as {@link add} does
   */
  async finish(): Promise<ImageDifference[]> {
    for (const group of this.#groups.rest()) await this.#compareGroup(group);
    if (this.#comparisons.count === 0) throw nothingCompared(this.#runs.firstError);
    this.#comparisons.recordTotals();
    this.#layerComparisons.recordDrift();
    return this.#differences.list();
  }

  async #compareAlone(testImage: TestImage): Promise<ComparedImage | undefined> {
    const { index, name, pixelValues } = testImage;
    const place = { index, image: name };
    const outputs = [state, ...this.#layers] as const;
    const reference = await this.#runAlone(this.#parts.reference, pixelValues, outputs, place);
    if (reference === undefined) return undefined;
    const candidate = await this.#runAlone(this.#parts.candidate, pixelValues, [state], place);
    if (candidate === undefined) return undefined;

    const [actual, expected] = [tensorOf(candidate, state), tensorOf(reference, state)];
    const comparison = this.#comparisons.add(place, 1, { candidate: actual, reference: expected });
    this.#differences.add(testImage, actual, expected, comparison.nmse);
    const layers = await this.#runLayers(place, pixelValues);
    if (layers !== undefined) {
      const comparisons = [comparison, ...this.#layerComparisons.add(place, layers, reference)];
      if (comparisons.every(({ problem }) => problem !== 'shape-mismatch')) {
        await this.#parts.saved?.add(name, new Map([...candidate, ...layers]), reference);
      }
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

  async #compareGroup(group: Group): Promise<void> {
    const results = await this.#runGroup(group, 0);
    if (results !== undefined && (await this.#compareRows(group, results))) {
      await this.#repeatGroup(group, results);
    }
    this.#parts.onCompared(group.members.length);
  }

  /**
   * Compares every row of a batch; of each member the worst row that is made from it counts.
   *
   * @param results one a row
   * @returns false when the reference could not compute one of them
   */
  async #compareRows({ members, rows }: Group, results: readonly Tensor[]): Promise<boolean> {
    const compared = new Map<ComparedImage, ComparedRow[]>(members.map((member) => [member, []]));
    for (const [position, row] of rows.entries()) {
      const reference = await this.#referenceOf(row);
      if (reference === undefined) return false;
      compared.get(row.item)?.push({ candidate: results[position] as Tensor, reference });
    }
    for (const [{ place }, [own, ...variations]] of compared) {
      if (own !== undefined) this.#comparisons.add(place, rows.length, own, variations);
    }
    return true;
  }

  /** What the reference computes of a row alone; undefined when its run failed, which is recorded. */
  #referenceOf({ item, variation }: BatchRow<ComparedImage>): Promise<Tensor | undefined> | Tensor {
    if (variation === 0) return item.reference;
    return this.#variations.get(`${item.place.index} ${variation}`, async () => {
      const pixelValues = pixelVariation(item.pixelValues, variation);
      const tensors = await this.#runAlone(this.#parts.reference, pixelValues, [state], item.place);
      // A copy: a row may be a view of more than itself.
      return tensors && copyOf(tensorOf(tensors, state));
    });
  }

  /** Runs a group, which has run once, again. */
  async #repeatGroup(group: Group, first: readonly Tensor[]): Promise<void> {
    const { stability } = this.#parts.settings;
    const tallies = group.members.map(({ alone }) => new StabilityTally(alone));
    const add = (results: readonly Tensor[]) => {
      for (const [position, tally] of tallies.entries()) tally.add(results[position] as Tensor);
    };
    add(first);
    for (let run = 1; run < stability; run++) {
      const results = await this.#runGroup(group, run);
      if (results === undefined) return;
      add(results);
    }
    for (const [position, { place }] of group.members.entries()) {
      this.#recordStability(place, group.rows.length, tallies[position] as StabilityTally);
    }
  }

  /**
   * Runs a group, each time with every image at another place.
   *
   * @returns `last_hidden_state` of each row of the group, in its order
   */
  async #runGroup({ rows }: Group, run: number): Promise<Tensor[] | undefined> {
    const batch = rows.length;
    const images = rows.map(({ item, variation }) => pixelVariation(item.pixelValues, variation));
    const shift = run % batch;
    const shifted = [...images.slice(batch - shift), ...images.slice(0, batch - shift)];
    const results = await this.#runs.run(this.#parts.candidate, shifted, [state]);
    return results && rows.map((_, position) => tensorOf(results[(position + shift) % batch], state));
  }

  /** @returns the candidate's hidden states, none where none are compared; undefined when the run failed, which is recorded */
  async #runLayers(place: ImagePlace, pixelValues: PixelValues): Promise<ImageTensors | undefined> {
    const { candidateLayers } = this.#parts;
    if (candidateLayers === undefined) return new Map();
    return this.#runAlone(candidateLayers, pixelValues, this.#layers, place);
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

  #recordStability(place: ImagePlace, batch: number, tally: StabilityTally): void {
    if (this.#parts.settings.stability === 0) return;
    this.#parts.recorder.record('accuracy.stability', { ...place, batch, ...tally.fields() });
  }
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
