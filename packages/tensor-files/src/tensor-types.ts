import type { TensorType } from './tensor-index.js';

/** Bits that one element takes in the file. The sub-byte types are packed. */
const bitsOfType: Readonly<Record<TensorType, number>> = {
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  I64: 64,
  U64: 64,
  F64: 64,
  C64: 64,
};

/** Whether safetensors knows a number type of this name. */
export function isTensorType(name: string): name is TensorType {
  return Object.hasOwn(bitsOfType, name);
}

/** Size of one element in bits. */
export function bitsPerElement(type: TensorType): number {
  return bitsOfType[type];
}

/**
 * Bytes that a tensor takes; `undefined` where they are no whole number, or more than a JavaScript number can count
 * exactly (the product is checked after every dimension, as the reference parser does).
 */
export function bytesOfTensor(type: TensorType, shape: readonly number[]): number | undefined {
  let bits = bitsOfType[type];
  for (const dimension of shape) {
    bits *= dimension;
    if (bits > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return bits % 8 === 0 ? bits / 8 : undefined;
}
