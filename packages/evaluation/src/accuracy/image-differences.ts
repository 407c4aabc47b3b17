import type { ImageSize, Tensor } from '@webssl/backend';
import { compareTensors } from '@webssl/metrics';
import type { TestImage } from '../images/load-test-images.js';
import type { ImageDifference } from './accuracy-options.js';
import { rank } from './worst-comparison.js';

/** Images that a run keeps, so that its memory does not grow with their number. */
const kept = 32;

/** The differences of the images that differ most. */
export class ImageDifferences {
  readonly #grid: { readonly rows: number; readonly columns: number };
  readonly #entries: { readonly difference: ImageDifference; readonly nmse: number }[] = [];

  /** @param size a multiple of the patch in both directions */
  constructor({ height, width }: ImageSize, patchSize: number) {
    this.#grid = { rows: Math.floor(height / patchSize), columns: Math.floor(width / patchSize) };
  }

  /**
   * @param candidate `last_hidden_state` of the image, `[T, D]`
   * @param nmse of the whole
   */
  add(
    { index, name, rgb, pixelValues }: TestImage,
    candidate: Tensor,
    reference: Tensor,
    nmse: number,
  ): void {
    const [, height, width] = pixelValues.dims;
    const { rows, columns } = this.#grid;
    const patchErrors = errorsOfPatches(candidate, reference, rows * columns);
    this.#entries.push({
      difference: { index, image: name, rgb, height, width, rows, columns, patchErrors },
      nmse,
    });
    if (this.#entries.length <= kept) return;
    const least = this.#entries.reduce((one, other) => (rank(other.nmse) < rank(one.nmse) ? other : one));
    this.#entries.splice(this.#entries.indexOf(least), 1);
  }

  /** In the order of the images. */
  list(): ImageDifference[] {
    return this.#entries.map(({ difference }) => difference);
  }
}

function errorsOfPatches(candidate: Tensor, reference: Tensor, patches: number): Float64Array {
  const errors = new Float64Array(patches).fill(Number.NaN);
  const [tokens, width = 0] = reference.dims;
  if (tokens !== 1 + patches || !reference.dims.every((size, axis) => size === candidate.dims[axis]))
    return errors;
  return errors.map((_, patch) => {
    const token = ({ data }: Tensor): Tensor => ({
      data: data.subarray((1 + patch) * width, (2 + patch) * width),
      dims: [width],
    });
    return compareTensors(token(candidate), token(reference)).relativeL2;
  });
}
