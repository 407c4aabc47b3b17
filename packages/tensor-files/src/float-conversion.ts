import type { TensorType } from './tensor-index.js';

/** How the elements of a floating-point type are read from little-endian bytes. */
interface FloatReader {
  /** Size of one element in bytes. */
  readonly bytes: number;
  readonly read: (view: DataView, offset: number) => number;
}

const readers: { readonly [type in TensorType]?: FloatReader } = {
  F32: { bytes: 4, read: (view, offset) => view.getFloat32(offset, true) },
  F64: { bytes: 8, read: (view, offset) => view.getFloat64(offset, true) },
  F16: { bytes: 2, read: (view, offset) => halfToNumber(view.getUint16(offset, true)) },
  BF16: { bytes: 2, read: (view, offset) => brainFloatToNumber(view.getUint16(offset, true)) },
};

/** The reader of a type; `undefined` where it is no floating-point type of 16 bits or more. */
export function floatReader(type: TensorType): FloatReader | undefined {
  return readers[type];
}

/** IEEE 754 binary16: sign, 5 bits of exponent (bias 15), 10 bits of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const scratch = new DataView(new ArrayBuffer(4));

/** bfloat16: the upper half of a float32. */
function brainFloatToNumber(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}
