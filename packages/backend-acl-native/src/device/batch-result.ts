import type { OutputName, Tensor } from '@webssl/backend';
import { float16ToFloat32 } from './float16.js';
import type { WantedOutput } from './output-selection.js';

/** Collects the outputs of a batch's parts. */
export class BatchResult {
  readonly tensors: Partial<Record<OutputName, Tensor>> = {};

  constructor(batch: number, wanted: readonly WantedOutput[]) {
    for (const { output, rowDims, rowValues } of wanted) {
      this.tensors[output] = { data: new Float32Array(batch * rowValues), dims: [batch, ...rowDims] };
    }
  }

  /** Takes the rows of `count` images from a copy of the device's memory; `start` is the first one's place in the batch. */
  add(wanted: WantedOutput, copy: Uint8Array, start: number, count: number): void {
    const { output, rowValues, hostStride, hostOffset, bytesPerValue } = wanted;
    const data = this.tensors[output]?.data;
    if (data === undefined) return;
    const isDense = hostStride === rowValues * bytesPerValue;
    const rows = isDense ? 1 : count;
    const values = isDense ? rowValues * count : rowValues;
    for (let row = 0; row < rows; row += 1) {
      const at = copy.byteOffset + hostOffset + row * hostStride;
      const source =
        bytesPerValue === 4
          ? new Float32Array(copy.buffer, at, values)
          : float16ToFloat32(new Uint16Array(copy.buffer, at, values));
      data.set(source, (start + row) * rowValues);
    }
  }
}
