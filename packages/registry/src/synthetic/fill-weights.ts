import { availableParallelism } from 'node:os';
import { exportedFile } from '@webssl/backend/host';
import { runFileJobs } from '@webssl/tensor-files';
import type { TensorFill } from './checkpoint-plan.js';

/** Numbers that a worker makes at a time: 4 MiB, small enough that an abort is noticed soon. */
const jobLength = 1024 * 1024;

/** A stretch of one tensor. */
export interface WeightJob extends TensorFill {
  readonly file: string;
  /** Position of the stretch's first number in the tensor. */
  readonly first: number;
}

interface FillOptions {
  /** Worker threads. Default: one a core, at most 8: a disk takes no more. The bytes do not depend on it. */
  readonly workers?: number;
  /** File of the worker, where it is not found by this package's own name, as in a bundle. */
  readonly workerEntry?: string | URL;
  /** Called with the bytes that have been written since the last call. */
  readonly onWritten: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Fills weight files, which must exist, on several threads. Settles when no thread runs any more.
 * @throws the first error of a thread, or the signal's reason.
 */
export async function fillWeights(
  files: readonly { readonly file: string; readonly fills: readonly TensorFill[] }[],
  {
    workers = Math.min(availableParallelism(), 8),
    workerEntry = ownWorkerEntry(),
    onWritten,
    signal,
  }: FillOptions,
): Promise<void> {
  const jobs = files.flatMap(({ file, fills }) => fills.flatMap((fill) => jobsOf(file, fill)));
  await runFileJobs(jobs, { workers, workerEntry, onDone: onWritten, signal });
}

function jobsOf(file: string, fill: TensorFill): readonly WeightJob[] {
  return Array.from({ length: Math.ceil(fill.length / jobLength) }, (_, index) => {
    const first = index * jobLength;
    const length = Math.min(jobLength, fill.length - first);
    return { ...fill, file, first, length, offset: fill.offset + first * Float32Array.BYTES_PER_ELEMENT };
  });
}

/** By name, because it is found so both from the sources and from the build. */
function ownWorkerEntry(): URL {
  return exportedFile('@webssl/registry/synthetic-worker', import.meta.url, 'workerEntry');
}
