import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, type FileHandle, open, rm } from 'node:fs/promises';
import type { DownloadLock, WaitOptions } from './held-lock.js';

/** A wait that ends sooner is not told. */
const noticeAfterMilliseconds = 200;

/** As the Python client has it, so that a group may share a cache. */
const lockFileMode = 0o664;

/** A link that somebody has planted would have another file locked, or made. Windows has no such flag. */
const noFollow = constants.O_NOFOLLOW ?? 0;

/**
 * The kernel's exclusive `flock(2)` on a file, which is made where it is not there. Node cannot ask for it; the program
 * `flock` can, on a descriptor that it inherits. The lock belongs to the open file, not to that program: it stays when
 * the program has ended, and is free when this process closes the file or dies, in whatever way. Nothing keeps the event
 * loop alive while it is held.
 *
 * @returns undefined where there is no such program, or where the file system does not know such locks
 * @throws the signal's reason; what `onWait` throws; errors of the file system.
 */
export async function acquireKernelLock(
  file: string,
  { signal, onWait }: WaitOptions,
): Promise<DownloadLock | undefined> {
  let outcome = await lock(file, 'now', signal);
  if (outcome === 'busy') {
    const refused = new AbortController();
    const notice = setTimeout(() => {
      try {
        onWait?.();
      } catch (error) {
        refused.abort(error);
      }
    }, noticeAfterMilliseconds);
    try {
      const signals = signal === undefined ? [refused.signal] : [signal, refused.signal];
      outcome = await lock(file, 'when free', AbortSignal.any(signals));
    } finally {
      clearTimeout(notice);
    }
  }
  return typeof outcome === 'object' ? outcome : undefined;
}

/** As {@link acquireKernelLock}, without waiting. */
export async function tryKernelLock(file: string): Promise<DownloadLock | 'busy' | 'unsupported'> {
  return lock(file, 'now');
}

type Moment = 'now' | 'when free';

async function lock(
  file: string,
  moment: Moment,
  signal?: AbortSignal,
): Promise<DownloadLock | 'busy' | 'unsupported'> {
  for (;;) {
    signal?.throwIfAborted();
    const { handle, isNew } = await openLockFile(file);
    let isHeld = false;
    try {
      const outcome = await runFlock(handle, moment, signal);
      // Without a lock on it, the file alone would be taken for one by what does not use the kernel's.
      if (outcome === 'unsupported' && isNew) await rm(file, { force: true });
      if (outcome !== 'locked') return outcome;
      // Whoever removed the file while this process waited leaves a lock on nothing: others make the file anew.
      if ((await handle.stat()).nlink === 0) continue;
      if (isNew) await handle.chmod(lockFileMode).catch(() => undefined);
      signal?.throwIfAborted();
      isHeld = true;
      return { lost: new AbortController().signal, release: () => handle.close() };
    } finally {
      if (!isHeld) await handle.close();
    }
  }
}

/** An existing file is opened first: in a folder like /tmp, the kernel refuses to "create" another user's. */
async function openLockFile(file: string): Promise<{ readonly handle: FileHandle; readonly isNew: boolean }> {
  for (;;) {
    const existing = await unless('ENOENT', open(file, constants.O_RDWR | noFollow));
    if (existing !== undefined) return { handle: existing, isNew: false };
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | noFollow;
    const made = await unless('EEXIST', open(file, flags, lockFileMode));
    if (made !== undefined) return { handle: made, isNew: true };
  }
}

async function unless<Value>(code: string, operation: Promise<Value>): Promise<Value | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === code) return undefined;
    throw error;
  }
}

async function runFlock(
  { fd }: FileHandle,
  moment: Moment,
  signal?: AbortSignal,
): Promise<'locked' | 'busy' | 'unsupported'> {
  // What is called flock on Windows does not lock inherited descriptors.
  if (process.platform === 'win32') return 'unsupported';
  const inherited = 3;
  const child = spawn('flock', [...(moment === 'now' ? ['-n'] : []), `${inherited}`], {
    stdio: ['ignore', 'ignore', 'ignore', fd],
    // A session of its own: Ctrl-C on a terminal is for this process to answer.
    detached: true,
  });
  const stop = () => child.kill();
  signal?.addEventListener('abort', stop, { once: true });
  // It may have aborted while the file was opened, and says so only once.
  if (signal?.aborted) stop();
  try {
    const [code] = await once(child, 'exit');
    signal?.throwIfAborted();
    if (code === 0) return 'locked';
    return code === 1 && moment === 'now' ? 'busy' : 'unsupported';
  } catch {
    // There is no such program.
    signal?.throwIfAborted();
    return 'unsupported';
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
