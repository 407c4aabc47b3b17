import type { TensorType } from './tensor-index.js';
import { bitsPerElement, bytesOfTensor } from './tensor-types.js';
import { unwritable } from './writable-tensor.js';

/** What a header says of one tensor. */
export interface TensorOutline {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
}

/** Where everything goes in a safetensors file that is to be written. */
export interface SafetensorsLayout {
  /** The first bytes of the file: length, JSON and padding to a multiple of 8. The data follows. */
  readonly header: Uint8Array;
  /** In the order of the file; `offset` and `byteLength` in bytes, from the start of the file. */
  readonly tensors: readonly (TensorOutline & { readonly offset: number; readonly byteLength: number })[];
  /** Length of the whole file. */
  readonly byteLength: number;
}

/**
 * Lays out a safetensors file as the reference writer does: wide types first, then by name, so that every tensor is
 * aligned and the same tensors always give the same bytes.
 * @throws WebsslError `SAFETENSORS_TENSOR_INVALID` for a shape whose size cannot be counted.
 */
export function layoutSafetensors(
  outlines: readonly TensorOutline[],
  metadata: Readonly<Record<string, string>> = {},
): SafetensorsLayout {
  const sorted = [...outlines].sort(
    (a, b) => bitsPerElement(b.type) - bitsPerElement(a.type) || compare(a.name, b.name),
  );
  let end = 0;
  const placed = sorted.map((outline) => {
    const byteLength = bytesOfTensor(outline.type, outline.shape);
    if (byteLength === undefined) {
      throw unwritable(outline.name, `the size of dims [${outline.shape.join(', ')}] cannot be counted`);
    }
    const begin = end;
    end += byteLength;
    return { ...outline, begin, byteLength };
  });

  // Put together by hand: as properties of an object, names such as "7" or "__proto__" would not stay where they are.
  const members = placed.map(({ name, type, shape, begin, byteLength }) =>
    member(name, { dtype: type, shape, data_offsets: [begin, begin + byteLength] }),
  );
  const notes = Object.entries(metadata).sort(([a], [b]) => compare(a, b));
  if (notes.length > 0) {
    members.unshift(`"__metadata__":{${notes.map(([name, text]) => member(name, text)).join(',')}}`);
  }
  const json = new TextEncoder().encode(`{${members.join(',')}}`);
  const paddedLength = Math.ceil(json.length / 8) * 8;
  const header = new Uint8Array(8 + paddedLength).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(paddedLength), true);
  header.set(json, 8);
  return {
    header,
    tensors: placed.map(({ begin, ...outline }) => ({ ...outline, offset: header.length + begin })),
    byteLength: header.length + end,
  };
}

function member(name: string, value: unknown): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
