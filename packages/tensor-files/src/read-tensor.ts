import { type Tensor, WebsslError } from '@webssl/backend';
import { readFully, withOpenFile } from './file-reading.js';
import { floatReader } from './float-conversion.js';
import type { TensorEntry } from './tensor-index.js';

/** Bytes converted at a time: the working memory of a conversion, a multiple of every element size. */
const chunkBytes = 8 * 1024 * 1024;

/** Options of {@link readTensor}. */
export interface ReadTensorOptions {
  /** Refuse NaN and infinities. Default false: the format allows them. */
  readonly requireFinite?: boolean;
  /** Rejects with the signal's reason; noticed every 8 MiB. */
  readonly signal?: AbortSignal;
}

/**
 * Reads a floating-point tensor. F32 comes as it is, F16 and BF16 exactly, F64 rounded to the nearest float32.
 * @returns the numbers in row-major order, `dims` being the tensor's shape.
 * @throws WebsslError `SAFETENSORS_TYPE_UNSUPPORTED` for any other type, `SAFETENSORS_NOT_FINITE`, `SAFETENSORS_TENSOR_TOO_LARGE`,
 * `SAFETENSORS_FILE_MISSING`, `SAFETENSORS_FILE_UNREADABLE`, `SAFETENSORS_FILE_CHANGED`.
 */
export async function readTensor(
  entry: TensorEntry,
  { requireFinite = false, signal }: ReadTensorOptions = {},
): Promise<Tensor> {
  const convert = floatReader(entry.type);
  if (convert === undefined) {
    throw new WebsslError({
      code: 'SAFETENSORS_TYPE_UNSUPPORTED',
      message: `Tensor "${entry.name}" of ${entry.file} has the type ${entry.type}; only F32, F16, BF16 and F64 can be read as numbers. readTensorBytes gives its bytes.`,
      details: { file: entry.file, tensor: entry.name, type: entry.type },
    });
  }
  const data = allocate(entry, () => new Float32Array(entry.byteLength / convert.bytes));
  if (entry.type === 'F32') {
    // Read where the numbers are to lie: wherever they lie in the file, here they are aligned.
    await fill(entry, new Uint8Array(data.buffer), signal);
  } else {
    const chunk = new Uint8Array(Math.min(chunkBytes, entry.byteLength));
    const view = new DataView(chunk.buffer);
    await withEntry(entry, signal, async (read) => {
      for (let start = 0; start < entry.byteLength; start += chunkBytes) {
        const bytes = chunk.subarray(0, Math.min(chunkBytes, entry.byteLength - start));
        await read(bytes, start);
        const first = start / convert.bytes;
        for (let offset = 0; offset < bytes.length; offset += convert.bytes) {
          data[first + offset / convert.bytes] = convert.read(view, offset);
        }
      }
    });
  }
  if (requireFinite) checkFinite(entry, data);
  return { data, dims: entry.shape };
}

/**
 * Reads a tensor of any type as the bytes that the file has.
 * @throws WebsslError as {@link readTensor} does for trouble with the file.
 */
export async function readTensorBytes(
  entry: TensorEntry,
  { signal }: Pick<ReadTensorOptions, 'signal'> = {},
): Promise<Uint8Array> {
  const bytes = allocate(entry, () => new Uint8Array(entry.byteLength));
  await fill(entry, bytes, signal);
  return bytes;
}

function allocate<T>(entry: TensorEntry, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new WebsslError({
      code: 'SAFETENSORS_TENSOR_TOO_LARGE',
      message: `Tensor "${entry.name}" of ${entry.file} has ${entry.byteLength} bytes: more than can be held in memory at once.`,
      cause: error,
      details: { file: entry.file, tensor: entry.name, byteLength: entry.byteLength },
    });
  }
}

function fill(entry: TensorEntry, target: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
  return withEntry(entry, signal, (read) => read(target, 0));
}

/** Opens the tensor's file; `read` fills its first argument with the tensor's bytes from a position in the tensor on. */
function withEntry(
  entry: TensorEntry,
  signal: AbortSignal | undefined,
  use: (read: (target: Uint8Array, start: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  return withOpenFile(
    'SAFETENSORS',
    entry.file,
    (handle) =>
      use(async (target, start) => {
        const filled = await readFully(handle, target, entry.offset + start, signal);
        if (filled === target.length) return;
        throw new WebsslError({
          code: 'SAFETENSORS_FILE_CHANGED',
          message: `${entry.file} ends within tensor "${entry.name}" (bytes ${entry.offset} to ${entry.offset + entry.byteLength}): it was cut short after its header was read. Open it again.`,
          details: { file: entry.file, tensor: entry.name },
        });
      }),
    signal,
  );
}

function checkFinite(entry: TensorEntry, data: Float32Array): void {
  const position = data.findIndex((value) => !Number.isFinite(value));
  if (position < 0) return;
  throw new WebsslError({
    code: 'SAFETENSORS_NOT_FINITE',
    message: `Tensor "${entry.name}" of ${entry.file} has the value ${data[position]} at element ${position}. The file is damaged, or training went wrong.`,
    details: { file: entry.file, tensor: entry.name, position },
  });
}
