/** What limits any download that keeps and checks what it gets: a program for `Contender` with a task for each of the two. */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { programArguments } from '../program-arguments.js';
import { serveTasks, timed } from '../serve-tasks.js';

const { file, bytes, step } = programArguments('file', 'bytes', 'step');

const total = Number(bytes);
const buffer = randomBytes(Number(step));

/** A new file, from its first byte to its last, until all of it is on the disk. Synchronous calls are the fastest. */
async function write(): Promise<void> {
  const descriptor = openSync(file, 'wx');
  for (let done = 0; done < total; )
    done += writeSync(descriptor, buffer, 0, Math.min(buffer.length, total - done));
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** SHA-256 of so many bytes that are in memory. */
async function hash(): Promise<void> {
  const hasher = createHash('sha256');
  for (let done = 0; done < total; done += buffer.length)
    hasher.update(buffer.subarray(0, Math.min(buffer.length, total - done)));
  hasher.digest();
}

await serveTasks({ write: timed(write), hash: timed(hash) });
