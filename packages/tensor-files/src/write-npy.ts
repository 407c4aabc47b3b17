import { type Tensor, WebsslError } from '@webssl/backend';
import { encodeNpyHeader, npyHeaderBytes } from './npy-header.js';
import { createOutputFile } from './output-file.js';

/** The most dimensions that are written; NumPy reads up to 64. */
const mostDimensions = 5;

/** Writes an npy file that grows row by row and need not fit in memory. */
export interface NpyWriter {
  /**
   * Adds one row; the first fixes the dims. In the file the array is `[rows, ...dims of a row]`. One call at a time.
   * @throws WebsslError `NPY_TENSOR_INVALID` (the writer stays usable), `OUTPUT_WRITE_FAILED` (what was written is removed).
   */
  append(row: Tensor): Promise<void>;
  /**
   * Gives the file its name, replacing what had it before. Without a row the array is empty, `[0]`.
   * @throws WebsslError `OUTPUT_WRITE_FAILED` (what was written is removed).
   */
  finish(): Promise<void>;
  /** Removes what was written. Does nothing after `finish` or another `abort`. Never throws. */
  abort(): Promise<void>;
}

/**
 * Writes a tensor as an npy file (float32, little endian, C order), which takes its name only when it is complete.
 * @throws WebsslError `NPY_TENSOR_INVALID`, `OUTPUT_FOLDER_MISSING`, `OUTPUT_WRITE_FAILED`.
 */
export async function writeNpy(path: string, tensor: Tensor): Promise<void> {
  const bytes = bytesOf(tensor);
  const output = await createOutputFile(path);
  await output.write(encodeNpyHeader(tensor.dims));
  await output.write(bytes);
  await output.finish();
}

/**
 * Begins an npy file; until `finish` it lies next to `path` under a hidden name.
 * @throws WebsslError `OUTPUT_FOLDER_MISSING`, `OUTPUT_WRITE_FAILED`.
 */
export async function createNpyWriter(path: string): Promise<NpyWriter> {
  const output = await createOutputFile(path);
  let rowDims: readonly number[] | undefined;
  let rows = 0;
  let end = npyHeaderBytes;
  return {
    async append(row) {
      const bytes = bytesOf(row, 1);
      rowDims ??= [...row.dims];
      if (rowDims.join() !== row.dims.join()) {
        throw invalid(`the earlier rows are [${rowDims.join(', ')}], this one is [${row.dims.join(', ')}]`);
      }
      await output.write(bytes, end);
      end += bytes.length;
      rows++;
    },
    async finish() {
      await output.write(encodeNpyHeader([rows, ...(rowDims ?? [])]), 0);
      await output.finish();
    },
    abort: () => output.abort(),
  };
}

/** The tensor's bytes; `added` dimensions will be put before its own. */
function bytesOf({ data, dims }: Tensor, added = 0): Uint8Array {
  if (dims.length + added > mostDimensions)
    throw invalid(`more than ${mostDimensions} dimensions: [${dims.join(', ')}]`);
  const length = dims.reduce((product, size) => product * size, 1);
  if (!dims.every((size) => Number.isSafeInteger(size) && size >= 0) || length !== data.length) {
    throw invalid(`dims [${dims.join(', ')}] do not fit ${data.length} numbers`);
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function invalid(problem: string): WebsslError {
  return new WebsslError({
    code: 'NPY_TENSOR_INVALID',
    message: `Cannot write this array as npy: ${problem}.`,
  });
}
