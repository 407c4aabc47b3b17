/**
 * The little of the protobuf encoding that a small ONNX model needs: fields that are whole numbers or bytes, by their
 * number (protobuf.dev/programming-guides/encoding).
 */
export type Field = readonly [number: number, value: number | string | Uint8Array];

/** A message of these fields, in this order. */
export function message(...fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.flatMap(encodeField));
}

function encodeField([number, value]: Field): Uint8Array[] {
  if (typeof value === 'number') return [varint(number << 3), varint(value)];
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return [varint((number << 3) | 2), varint(bytes.length), bytes];
}

/** A whole number from 0 to 2^53, seven bits a byte, lowest first; the top bit says that more follow. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from([...bytes, rest]);
}
