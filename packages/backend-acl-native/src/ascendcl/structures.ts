/** Layout of `aclmdlIODims`: a name of 128 bytes, the number of dimensions and room for 128, each of 8 bytes. */
const dims = { bytes: 1160, countAt: 128, valuesAt: 136 };
/** Layout of `aclmdlBatch`: the number of batch sizes and room for 128, each of 8 bytes. */
const batches = { bytes: 1032, countAt: 0, valuesAt: 8 };
const most = 128;

/** The dimensions that a call writes into an `aclmdlIODims`; -1 stands for one that is not fixed. */
export function readDims(fill: (structure: Uint8Array) => void): number[] {
  return readCounted(dims, fill);
}

/** The batch sizes that a call writes into an `aclmdlBatch`. */
export function readBatches(fill: (structure: Uint8Array) => void): number[] {
  return readCounted(batches, fill);
}

function readCounted(
  { bytes, countAt, valuesAt }: typeof dims,
  fill: (structure: Uint8Array) => void,
): number[] {
  const structure = Buffer.alloc(bytes);
  fill(structure);
  const count = Math.min(most, Number(structure.readBigUInt64LE(countAt)));
  return Array.from({ length: count }, (_, index) => Number(structure.readBigInt64LE(valuesAt + 8 * index)));
}

/** The text that a call writes into a buffer of this size, up to the first zero byte. */
export function readText(bytes: number, fill: (text: Uint8Array) => void): string {
  const text = Buffer.alloc(bytes);
  fill(text);
  const end = text.indexOf(0);
  return text.toString('utf8', 0, end < 0 ? bytes : end).trim();
}
