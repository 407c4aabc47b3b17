import koffi from 'koffi';
import type { Pointer } from './functions.js';
import { Resources } from './resources.js';
import type { Runtime } from './runtime.js';

/** ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT. */
const float32 = 1;

/** A float32 tensor that the library computed. Its memory lives until `release`. */
export class NativeTensor {
  readonly pointer: Pointer;
  readonly dims: readonly number[];
  /** The values where they lie: copy what is to outlive the tensor. */
  readonly data: Float32Array;
  readonly #runtime: Runtime;

  /** @throws TypeError where the value is no float32 tensor; the value is released then. */
  constructor(runtime: Runtime, pointer: Pointer) {
    this.#runtime = runtime;
    this.pointer = pointer;
    try {
      this.dims = readDims(runtime, pointer);
      const length = this.dims.reduce((product, dimension) => product * dimension, 1);
      const address = runtime.pointer((slot) => runtime.functions.getTensorMutableData(pointer, slot));
      this.data = new Float32Array(koffi.view(address, 4 * length));
    } catch (error) {
      this.release();
      throw error;
    }
  }

  release(): void {
    this.#runtime.functions.releaseValue(this.pointer);
  }
}

function readDims(runtime: Runtime, value: Pointer): number[] {
  const { functions } = runtime;
  const resources = new Resources();
  try {
    const shape = runtime.make(
      (slot) => functions.getTensorTypeAndShape(value, slot),
      functions.releaseTensorTypeAndShapeInfo,
      resources,
    );
    const type = new Int32Array(1);
    runtime.check(functions.getTensorElementType(shape, type));
    if (type[0] !== float32) throw new TypeError(`an output has the element type ${type[0]}, not float32`);
    const count = new BigUint64Array(1);
    runtime.check(functions.getDimensionsCount(shape, count));
    const dims = new BigInt64Array(Number(count[0]));
    runtime.check(functions.getDimensions(shape, dims, dims.length));
    return [...dims].map(Number);
  } finally {
    resources.release();
  }
}
