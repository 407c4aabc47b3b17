import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { exportedFile } from '@webssl/backend/host';
import type { TensorFill } from './checkpoint-plan.js';

/** Numbers that a worker makes at a time: 4 MiB, small enough that an abort is noticed soon. */
const jobLength = 1024 * 1024;

/** A stretch of one tensor. */
export interface WeightJob extends TensorFill {
  readonly file: string;
  /** Position of the stretch's first number in the tensor. */
  readonly first: number;
}

/** What a worker is started with. */
export interface WorkerInput {
  readonly jobs: readonly WeightJob[];
  /** The number of jobs taken, and whether to stop (not 0). */
  readonly shared: Int32Array;
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
  signal?.throwIfAborted();
  const jobs = files.flatMap(({ file, fills }) => fills.flatMap((fill) => jobsOf(file, fill)));
  const shared = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  const stop = () => Atomics.store(shared, 1, 1);
  signal?.addEventListener('abort', stop);
  const threads = Array.from({ length: Math.min(workers, jobs.length) }, () =>
    runWorker(workerEntry, { jobs, shared }, onWritten, stop),
  );
  const outcomes = await Promise.allSettled(threads);
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

function jobsOf(file: string, fill: TensorFill): readonly WeightJob[] {
  return Array.from({ length: Math.ceil(fill.length / jobLength) }, (_, index) => {
    const first = index * jobLength;
    const length = Math.min(jobLength, fill.length - first);
    return { ...fill, file, first, length, offset: fill.offset + first * Float32Array.BYTES_PER_ELEMENT };
  });
}

/** Settles when the thread has ended; a failure, also one of `onWritten`, stops the others at once. */
function runWorker(
  entry: string | URL,
  workerData: WorkerInput,
  onWritten: (bytes: number) => void,
  stop: () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: { readonly error: unknown } | undefined;
    const fail = (error: unknown) => {
      failure ??= { error };
      stop();
    };
    // It needs none of this process's flags, and some, such as --input-type, keep a worker from starting.
    const worker = new Worker(entry, { workerData, execArgv: [] });
    worker.on('message', (bytes: number) => {
      try {
        if (failure === undefined) onWritten(bytes);
      } catch (error) {
        fail(error);
      }
    });
    worker.once('error', fail);
    worker.once('exit', (code) => {
      if (code !== 0) fail(new Error(`a worker thread ended with code ${code}`));
      if (failure === undefined) resolve();
      else reject(failure.error);
    });
  });
}

/** By name, because it is found so both from the sources and from the build. */
function ownWorkerEntry(): URL {
  return exportedFile('@webssl/registry/synthetic-worker', import.meta.url, 'workerEntry');
}
