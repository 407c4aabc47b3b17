import { Worker } from 'node:worker_threads';

/** What every worker of {@link runFileJobs} is started with, beside what its caller adds. */
export interface FileJobs<Job> {
  readonly jobs: readonly Job[];
  /** The number of jobs taken, and whether to stop (not 0). */
  readonly shared: Int32Array;
}

export interface RunFileJobsOptions {
  /** Threads at most. */
  readonly workers: number;
  /** File of the worker: it takes jobs with {@link takeFileJobs} and posts a number for each that is done. */
  readonly workerEntry: string | URL;
  /** What the workers are to know beside the jobs. */
  readonly workerData?: Readonly<Record<string, unknown>>;
  /** Called with the number that a worker has posted. Its errors end the work. */
  readonly onDone: (amount: number) => void;
  readonly signal: AbortSignal | undefined;
}

const [taken, stopped] = [0, 1];

/**
 * Has jobs that write into files done on several threads. Settles when no thread runs any more.
 * @throws the first error of a thread or of `onDone`, or the signal's reason
 */
export async function runFileJobs<Job>(
  jobs: readonly Job[],
  { workers, workerEntry, workerData, onDone, signal }: RunFileJobsOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const shared = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  const stop = () => Atomics.store(shared, stopped, 1);
  signal?.addEventListener('abort', stop);
  const threads = Array.from({ length: Math.min(workers, jobs.length) }, () =>
    runWorker(workerEntry, { ...workerData, jobs, shared }, onDone, stop),
  );
  const outcomes = await Promise.allSettled(threads);
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** In a worker: the jobs that are its own, one after the other, until none is left or the work is to stop. */
export function* takeFileJobs<Job>({ jobs, shared }: FileJobs<Job>): Generator<Job, void, undefined> {
  for (;;) {
    const job = jobs[Atomics.add(shared, taken, 1)];
    if (job === undefined || Atomics.load(shared, stopped) !== 0) return;
    yield job;
  }
}

/** Settles when the thread has ended; a failure, also one of `onDone`, stops the others at once. */
function runWorker(
  entry: string | URL,
  workerData: FileJobs<unknown>,
  onDone: (amount: number) => void,
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
    worker.on('message', (amount: number) => {
      try {
        if (failure === undefined) onDone(amount);
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
