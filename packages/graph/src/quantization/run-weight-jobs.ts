import { availableParallelism } from 'node:os';
import { exportedFile } from '@webssl/backend/host';
import { runFileJobs } from '@webssl/tensor-files';
import type { WeightJob } from './weight-job.js';

/** Each holds a whole matrix, and a disk is not faster for more of them. */
const mostWorkers = 8;

export interface WeightJobsOptions {
  /** File of the worker, where it is not found by this package's own name, as in a bundle. */
  readonly workerEntry?: string | URL | undefined;
  /** Called with the numbers that have been made since the last call. */
  readonly onMade: (numbers: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes derived weights in a file, which must be as long as it will be, on a thread a core and at most 8. Settles when no thread runs any more.
 * @throws the first error of a thread, or the signal's reason.
 */
export async function runWeightJobs(
  file: string,
  jobs: readonly WeightJob[],
  { workerEntry = ownWorkerEntry(), onMade, signal }: WeightJobsOptions,
): Promise<void> {
  // The long ones first, so that no thread is left alone with one at the end.
  const ordered = [...jobs].sort((a, b) => b.rows * b.columns - a.rows * a.columns);
  const workers = Math.min(availableParallelism(), mostWorkers);
  await runFileJobs(ordered, { workers, workerEntry, workerData: { file }, onDone: onMade, signal });
}

/** By name, because it is found so both from the sources and from the build. */
function ownWorkerEntry(): URL {
  return exportedFile(
    '@webssl/graph/weight-worker',
    import.meta.url,
    'workerEntry (quantizeWorkerEntry of the encoder)',
  );
}
