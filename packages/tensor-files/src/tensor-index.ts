/** Number types that safetensors knows, as it spells them. */
export type TensorType =
  | 'BOOL'
  | 'U8'
  | 'I8'
  | 'F8_E5M2'
  | 'F8_E4M3'
  | 'F8_E8M0'
  | 'F8_E4M3FNUZ'
  | 'F8_E5M2FNUZ'
  | 'F4'
  | 'F6_E2M3'
  | 'F6_E3M2'
  | 'I16'
  | 'U16'
  | 'F16'
  | 'BF16'
  | 'I32'
  | 'U32'
  | 'F32'
  | 'I64'
  | 'U64'
  | 'F64'
  | 'C64';

/** Where one tensor lies. */
export interface TensorEntry {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  /** Path of the safetensors file that holds it, as it was opened (symbolic links not resolved). */
  readonly file: string;
  /** Position of the first byte, from the start of the file (not of the data section). */
  readonly offset: number;
  readonly byteLength: number;
}

/** What a safetensors file, or an index with its shards, holds; the data itself is not read. */
export interface TensorIndex {
  /** In the order of their data: file by file, ascending offsets. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** The `__metadata__` of the file, or of the first shard. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Each safetensors file with the position where its data section begins and the file's length, in bytes. */
  readonly files: readonly {
    readonly file: string;
    readonly dataOffset: number;
    readonly byteLength: number;
  }[];
}
