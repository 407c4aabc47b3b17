import { WebsslError } from '@webssl/backend';
import type { TensorType } from './tensor-index.js';
import { bytesOfTensor } from './tensor-types.js';

/** The arrays whose elements safetensors has a type for. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** A tensor to be written. */
export interface WritableTensor {
  /** Row-major. */
  readonly data: TensorData;
  readonly dims: readonly number[];
  /** Default: what the array holds (Float32Array: F32, Uint8Array: U8, ...). With it, `data` is taken as the bytes of that type. */
  readonly type?: TensorType;
}

const typeOfArray: ReadonlyMap<string, TensorType> = new Map([
  ['Float32Array', 'F32'],
  ['Float64Array', 'F64'],
  ['Int8Array', 'I8'],
  ['Uint8Array', 'U8'],
  ['Uint8ClampedArray', 'U8'],
  ['Int16Array', 'I16'],
  ['Uint16Array', 'U16'],
  ['Int32Array', 'I32'],
  ['Uint32Array', 'U32'],
  ['BigInt64Array', 'I64'],
  ['BigUint64Array', 'U64'],
]);

const loneSurrogate = /\p{Surrogate}/u;

/** The error for a tensor that cannot be written. */
export function unwritable(name: string, problem: string): WebsslError {
  return new WebsslError({
    code: 'SAFETENSORS_TENSOR_INVALID',
    message: `Cannot write tensor ${JSON.stringify(name)}: ${problem}.`,
    details: { tensor: name },
  });
}

/**
 * Checks a tensor and takes it apart into what the file will have.
 * @throws WebsslError `SAFETENSORS_TENSOR_INVALID`
 */
export function describeTensor(
  name: string,
  { data, dims, type = typeOfArray.get(data[Symbol.toStringTag]) }: WritableTensor,
): { type: TensorType; bytes: Uint8Array } {
  if (name === '__metadata__') throw unwritable(name, 'the format keeps this name for the metadata');
  if (loneSurrogate.test(name)) throw unwritable(name, 'the name has half a surrogate pair');
  if (type === undefined) throw unwritable(name, `safetensors has no type for a ${data[Symbol.toStringTag]}`);
  if (!dims.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0)) {
    throw unwritable(name, `its dims [${dims.join(', ')}] are not all whole numbers from 0 on`);
  }
  const expected = bytesOfTensor(type, dims);
  if (expected !== data.byteLength) {
    throw unwritable(
      name,
      `dims [${dims.join(', ')}] of type ${type} take ${expected ?? 'no countable number of'} bytes, the data has ${data.byteLength}`,
    );
  }
  return { type, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}
