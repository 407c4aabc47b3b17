import { type Tensor, WebsslError } from '@webssl/backend';
import { readFully, withOpenFile } from './file-reading.js';
import { decodeNpyHeader, type NpyHeader, npyHeaderProbe } from './npy-header.js';
import { bytesOfTensor } from './tensor-types.js';

/**
 * Reads an npy file of little-endian float32 numbers in C order (format 1.0, 2.0 or 3.0), and nothing else: no other type,
 * no Fortran order, no bytes after the array.
 * @throws WebsslError `NPY_INVALID`, `NPY_FILE_MISSING`, `NPY_FILE_UNREADABLE`.
 */
export function readNpy(file: string): Promise<Tensor> {
  return withOpenFile('NPY', file, async (handle, fileBytes) => {
    const head = new Uint8Array(Math.min(npyHeaderProbe, fileBytes));
    await readFully(handle, head, 0);
    const { shape, dataOffset } = decode(file, head);
    const expected = bytesOfTensor('F32', shape);
    if (expected !== fileBytes - dataOffset) {
      throw invalid(
        file,
        `its shape (${shape.join(', ')}) takes ${expected ?? 'no countable number of'} bytes, ${fileBytes - dataOffset} follow its header`,
      );
    }
    const data = new Float32Array(expected / 4);
    await readFully(handle, new Uint8Array(data.buffer), dataOffset);
    return { data, dims: shape };
  });
}

function decode(file: string, head: Uint8Array): NpyHeader {
  try {
    return decodeNpyHeader(head);
  } catch (error) {
    throw invalid(file, error instanceof Error ? error.message : String(error));
  }
}

function invalid(file: string, problem: string): WebsslError {
  return new WebsslError({
    code: 'NPY_INVALID',
    message: `${file} is not an npy file that can be read: ${problem}.`,
    details: { file },
  });
}
