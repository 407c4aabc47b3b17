import { closeSync, openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { takeFileJobs } from '@webssl/tensor-files';
import { runWeightJob } from './run-weight-job.js';
import type { WeightWorkerInput } from './weight-job.js';

/** Worker thread that makes derived weights: takes one job after the other until none is left, and posts how many numbers each had. */
function work(input: WeightWorkerInput): void {
  const target = openSync(input.file, 'r+');
  try {
    for (const job of takeFileJobs(input)) {
      runWeightJob(job, target);
      parentPort?.postMessage(job.rows * job.columns);
    }
  } finally {
    closeSync(target);
  }
}

work(workerData as WeightWorkerInput);
