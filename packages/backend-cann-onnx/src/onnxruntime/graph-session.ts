import type { OutputName, Tensor } from '@webssl/backend';
import type { Pointer } from './functions.js';
import { NativeTensor } from './native-tensor.js';
import { Resources } from './resources.js';
import { type Runtime, RuntimeFailure } from './runtime.js';

const float32 = 1;

/** OrtArenaAllocator and OrtMemTypeDefault: where the caller's own memory is described, neither matters. */
const allocatorType = 1;
const memoryType = 0;

/** An input: the caller's own values, or what another graph computed. */
export type GraphInput = Tensor | NativeTensor;

/** A graph that is loaded and can run. */
export class GraphSession {
  readonly #runtime: Runtime;
  readonly #session: Pointer;
  readonly #memory: Pointer;
  readonly #resources = new Resources();

  /**
   * Loads a graph.
   * @param options an OrtSessionOptions: whoever made it releases it
   * @throws RuntimeFailure
   */
  constructor(runtime: Runtime, environment: Pointer, graph: Uint8Array, options: Pointer) {
    const { functions } = runtime;
    this.#runtime = runtime;
    try {
      this.#memory = runtime.make(
        (slot) => functions.createCpuMemoryInfo(allocatorType, memoryType, slot),
        functions.releaseMemoryInfo,
        this.#resources,
      );
      this.#session = runtime.make(
        (slot) => functions.createSessionFromArray(environment, graph, graph.byteLength, options, slot),
        functions.releaseSession,
        this.#resources,
      );
    } catch (error) {
      this.#resources.discard();
      throw error;
    }
  }

  /**
   * Computes outputs of one input.
   * @returns tensors in the order of the names; the caller releases each
   * @throws RuntimeFailure
   */
  run(inputName: string, input: GraphInput, outputs: readonly OutputName[]): NativeTensor[] {
    const resources = new Resources();
    try {
      const value = input instanceof NativeTensor ? input.pointer : this.#wrap(input, resources);
      const results = new BigUint64Array(outputs.length);
      this.#runtime.check(
        this.#runtime.functions.run(
          this.#session,
          null,
          [inputName],
          BigUint64Array.of(value),
          1,
          outputs,
          outputs.length,
          results,
        ),
      );
      return this.#tensors(results);
    } finally {
      resources.release();
    }
  }

  close(): void {
    this.#resources.release();
  }

  /** A native tensor over the memory of a JavaScript one, which must outlive it. */
  #wrap({ data, dims }: Tensor, resources: Resources): Pointer {
    const { functions } = this.#runtime;
    return this.#runtime.make(
      (slot) =>
        functions.createTensorWithDataAsOrtValue(
          this.#memory,
          data,
          data.byteLength,
          BigInt64Array.from(dims, BigInt),
          dims.length,
          float32,
          slot,
        ),
      functions.releaseValue,
      resources,
    );
  }

  #tensors(values: BigUint64Array): NativeTensor[] {
    const tensors: NativeTensor[] = [];
    for (const [index, value] of values.entries()) {
      try {
        tensors.push(new NativeTensor(this.#runtime, value));
      } catch (error) {
        for (const tensor of tensors) tensor.release();
        for (const rest of values.subarray(index + 1)) this.#runtime.functions.releaseValue(rest);
        throw new RuntimeFailure(error instanceof Error ? error.message : String(error));
      }
    }
    return tensors;
  }
}
