import { writeSync } from 'node:fs';
import type { NativeCallFlag } from './native-call-flag.js';

/** A thread that the process must not end under. */
export interface GuardedThread {
  readonly flag: NativeCallFlag;
  /** How long the exit may wait for the native call that is running, in milliseconds. */
  readonly patience: number;
}

const guarded = new Set<GuardedThread>();

/**
 * Makes the exit of this process wait until the thread is outside any native call. A call that outlasts its patience
 * cannot be ended by any gentle means (the exit would wait for the thread for ever): the process then kills itself.
 * @returns lifts the guard.
 */
export function guardExit(thread: GuardedThread): () => void {
  if (guarded.size === 0) process.on('exit', waitForThreads);
  guarded.add(thread);
  return () => {
    guarded.delete(thread);
    if (guarded.size === 0) process.off('exit', waitForThreads);
  };
}

function waitForThreads(): void {
  for (const { flag } of guarded) flag.stop();
  for (const { flag, patience } of guarded) {
    if (flag.waitUntilIdle(patience)) continue;
    writeSync(
      2,
      'webssl: a native call hangs in a worker thread and keeps the process from exiting; killing it.\n',
    );
    process.kill(process.pid, 'SIGKILL');
  }
}
