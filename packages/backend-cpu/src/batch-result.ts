import type { OutputName, Tensor, TokenSelection } from '@webssl/backend';
import type { Tensor as RuntimeTensor } from 'onnxruntime-common';

/** Collects the outputs of single images into the tensors of their batch. */
export class BatchResult {
  readonly tensors: Partial<Record<OutputName, Tensor>> = {};
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

  /** Adds one output of the image at `index`, `[1, ...]` as the runtime gave it. */
  add(index: number, output: OutputName, tensor: RuntimeTensor | undefined): void {
    if (!(tensor?.data instanceof Float32Array)) {
      throw new TypeError(`The runtime gave no float32 tensor for the output '${output}'.`);
    }
    const { data, dims } =
      output === 'last_hidden_state' && this.#given !== this.#wanted
        ? selectTokens({ data: tensor.data, dims: tensor.dims }, this.#wanted)
        : { data: tensor.data, dims: tensor.dims };
    if (this.#batch === 1) {
      this.tensors[output] = { data, dims };
      return;
    }
    this.tensors[output] ??= {
      data: new Float32Array(this.#batch * data.length),
      dims: [this.#batch, ...dims.slice(1)],
    };
    this.tensors[output].data.set(data, index * data.length);
  }
}

/** The CLS token or the patches of `[1, 1 + N, D]`. */
function selectTokens({ data, dims }: Tensor, tokens: TokenSelection): Tensor {
  const [, count = 0, width = 0] = dims;
  return tokens === 'cls'
    ? { data: data.slice(0, width), dims: [1, 1, width] }
    : { data: data.slice(width), dims: [1, count - 1, width] };
}
