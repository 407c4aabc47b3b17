import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { quantizeRows } from './quantize-matrix.js';
import type { WeightJob } from './weight-job.js';

/** Numbers that are read at a time: 16 MiB. */
const blockLength = 4 * 1024 * 1024;

/** Makes one tensor of derived weights and writes it into `file`, which must be as long as it will be. */
export function runWeightJob(job: WeightJob, file: number): void {
  const { rows, columns, target } = job;
  const whole = target.form === 'int8' ? new Int8Array(rows * columns) : undefined;
  const scales = new Float32Array(target.form === 'int8' ? rows : 0);
  const source = openSync(job.source.file, 'r');
  try {
    const rowsAtATime = Math.max(1, Math.floor(blockLength / columns));
    for (let first = 0; first < rows; first += rowsAtATime) {
      const count = Math.min(rowsAtATime, rows - first);
      const block = new Float32Array(count * columns);
      readFully(source, bytesOf(block), job.source.offset + first * columns * 4, job.source.file);
      scaleBlock(block, job, first);
      if (target.form === 'float32') {
        writeFully(file, bytesOf(block), target.offset + first * columns * 4);
        continue;
      }
      const quantized = quantize(block, columns, target.bits, job.name);
      scales.set(quantized.scales, first);
      for (let column = 0; column < columns; column++) {
        whole?.set(quantized.values.subarray(column * count, (column + 1) * count), column * rows + first);
      }
    }
  } finally {
    closeSync(source);
  }
  if (target.form === 'int8' && whole !== undefined) {
    writeFully(file, bytesOf(whole), target.offset);
    writeFully(file, bytesOf(scales), target.scaleOffset);
  }
}

function quantize(block: Float32Array, columns: number, bits: 7 | 8, name: string) {
  try {
    return quantizeRows(block, columns, bits);
  } catch (cause) {
    const message = `The weights ${name} cannot be brought to int8: one of them is not a finite number.`;
    // Of an error that leaves a thread the properties arrive, its class does not.
    throw Object.assign(new Error(message, { cause }), { tensor: name });
  }
}

/** Multiplies by powers of two, which changes no digit. */
function scaleBlock(
  block: Float32Array,
  { columns, rowExponents, columnExponents }: WeightJob,
  first: number,
): void {
  if (rowExponents === undefined && columnExponents === undefined) return;
  for (let index = 0; index < block.length; index++) {
    const row = first + Math.floor(index / columns);
    const exponent = (rowExponents?.[row] ?? 0) + (columnExponents?.[index % columns] ?? 0);
    if (exponent !== 0) block[index] = (block[index] ?? 0) * 2 ** exponent;
  }
}

function bytesOf(values: Float32Array | Int8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function readFully(file: number, bytes: Uint8Array, position: number, path: string): void {
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file, bytes, done, bytes.length - done, position + done);
    if (read === 0) throw new Error(`${path} ends too early, at byte ${position + done}`);
    done += read;
  }
}

function writeFully(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
  }
}
