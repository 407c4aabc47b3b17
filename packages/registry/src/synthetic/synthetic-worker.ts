import { closeSync, openSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type FileJobs, takeFileJobs } from '@webssl/tensor-files';
import type { WeightJob } from './fill-weights.js';
import { fillUniform } from './random-numbers.js';

/** Worker thread that fills weight files: takes one job after the other until none is left, and posts the bytes of each. */
function work(input: FileJobs<WeightJob>): void {
  const files = new Map<string, number>();
  const longest = input.jobs.reduce((length, job) => Math.max(length, job.length), 0);
  const numbers = new Float32Array(longest);
  try {
    for (const job of takeFileJobs(input)) {
      parentPort?.postMessage(write(job, numbers.subarray(0, job.length), files));
    }
  } finally {
    for (const file of files.values()) closeSync(file);
  }
}

function write(job: WeightJob, numbers: Float32Array, files: Map<string, number>): number {
  fillUniform(numbers, job.first, job.keys, job.distribution);
  const file = files.get(job.file) ?? openSync(job.file, 'r+');
  files.set(job.file, file);
  const bytes = new Uint8Array(numbers.buffer, 0, numbers.byteLength);
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(file, bytes, written, bytes.length - written, job.offset + written);
  }
  return written;
}

work(workerData as FileJobs<WeightJob>);
