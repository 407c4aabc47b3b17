import { openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { createFileHasher } from './file-hasher.js';
import type { HashOrder, HashWorkerInput } from './followed-hash.js';

const bufferBytes = 1024 * 1024;

/** Worker thread that hashes a file from its beginning while it is written: each order says how far; the last is answered with the digest. */
function work({ file, algorithm, bytes }: HashWorkerInput): void {
  const descriptor = openSync(file, 'r');
  const hasher = createFileHasher(algorithm, bytes);
  const buffer = Buffer.allocUnsafeSlow(bufferBytes);
  let position = 0;
  parentPort?.on('message', ({ end, isLast }: HashOrder) => {
    while (position < end) {
      const read = readSync(descriptor, buffer, 0, Math.min(bufferBytes, end - position), position);
      if (read === 0) throw new Error(`it ends at byte ${position}, before ${end}`);
      hasher.update(buffer.subarray(0, read));
      position += read;
    }
    if (!isLast) return;
    parentPort?.postMessage(hasher.digest('hex'));
    parentPort?.close();
  });
}

work(workerData as HashWorkerInput);
