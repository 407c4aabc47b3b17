import type { OutputName, Tensor, TokenSelection } from '@webssl/backend';
import type { Chunk } from './batches.js';

/** Collects the outputs of chunks into the tensors of their batch. Padding stays out. */
export class BatchResult {
  readonly #tensors = new Map<OutputName, Tensor>();
  readonly #batch: number;
  readonly #given: TokenSelection;
  readonly #wanted: TokenSelection;

  /**
   * @param given tokens of `last_hidden_state` that the graph gives
   * @param wanted those of them that the result holds
   */
  constructor(batch: number, given: TokenSelection, wanted: TokenSelection) {
    this.#batch = batch;
    this.#given = given;
    this.#wanted = wanted;
  }

  /** The tensors that were added, in the order of the outputs: that of their pieces would say something about the cut. */
  tensors(outputs: readonly OutputName[]): Partial<Record<OutputName, Tensor>> {
    return Object.fromEntries(
      outputs.flatMap((output) => {
        const tensor = this.#tensors.get(output);
        return tensor ? [[output, tensor]] : [];
      }),
    );
  }

  /** Adds one output of a chunk, `[chunk.size, ...]`. The values are copied. */
  add({ start, images, size }: Chunk, output: OutputName, { data, dims }: Tensor): void {
    const selects = output === 'last_hidden_state' && this.#given !== this.#wanted;
    const { begin, rest } = selects ? selection(this.#wanted, dims) : { begin: 0, rest: dims.slice(1) };
    const rowLength = data.length / size;
    const length = rest.reduce((product, dimension) => product * dimension, 1);
    const tensor = this.#tensors.get(output) ?? {
      data: new Float32Array(this.#batch * length),
      dims: [this.#batch, ...rest],
    };
    this.#tensors.set(output, tensor);
    for (let image = 0; image < images; image += 1) {
      const from = image * rowLength + begin;
      tensor.data.set(data.subarray(from, from + length), (start + image) * length);
    }
  }
}

/** Where the CLS token or the patches of an image begin in `[B, 1 + N, D]`, and their dimensions. */
function selection(tokens: TokenSelection, [, count = 0, width = 0]: readonly number[]) {
  return tokens === 'cls' ? { begin: 0, rest: [1, width] } : { begin: width, rest: [count - 1, width] };
}
