import { randomUUID } from 'node:crypto';
import { type FileHandle, link, open, readFile, readlink, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { isMissing } from '../file-errors.js';
import type { DownloadLock, WaitOptions } from './held-lock.js';

/** How a heartbeat lock keeps time, in milliseconds. */
export interface HeartbeatTimes {
  /** Between two signs of life of the holder. */
  readonly beat: number;
  /** A lock without a sign of life for so long, while this process watched it, is abandoned. */
  readonly staleAfter: number;
  /** So is one whose last sign of life is so old, even if the clocks of two machines differ a little. */
  readonly ancientAfter: number;
  /** Between two looks of one who waits. */
  readonly look: number;
  /** A wait that ends sooner is not told. */
  readonly noticeAfter: number;
}

const defaultTimes: HeartbeatTimes = {
  beat: 5_000,
  staleAfter: 30_000,
  ancientAfter: 600_000,
  look: 500,
  noticeAfter: 200,
};

/**
 * A lock that is a file: whoever makes it holds it, until it removes it. The holder touches it every few seconds; one
 * whose process is gone, or that is not touched any more, is taken over. Two who do so at once do not both get it, but
 * a holder that wakes from a long sleep finds its lock {@link DownloadLock.lost} only at its next beat.
 *
 * @throws the signal's reason; what `onWait` throws; errors of the file system.
 */
export async function acquireHeartbeatLock(
  file: string,
  { signal, onWait }: WaitOptions = {},
  times: HeartbeatTimes = defaultTimes,
): Promise<DownloadLock> {
  const started = performance.now();
  const isAbandoned = watchHolder(times);
  let isTold = false;
  for (;;) {
    signal?.throwIfAborted();
    const lock = await attempt(file, times, isAbandoned);
    if (lock !== undefined) return lock;
    if (!isTold && performance.now() - started >= times.noticeAfter) {
      isTold = true;
      onWait?.();
    }
    await sleep(isTold ? times.look : Math.min(times.look, times.noticeAfter), undefined, { signal }).catch(
      () => undefined,
    );
  }
}

/** As {@link acquireHeartbeatLock}; undefined where another process holds the lock now. */
export async function tryHeartbeatLock(
  file: string,
  times: HeartbeatTimes = defaultTimes,
): Promise<DownloadLock | undefined> {
  return attempt(file, times, watchHolder(times));
}

const holderSchema = z.object({ id: z.string(), pid: z.int().positive(), host: z.string() });

interface Holder {
  /** What the file says; undefined while it is being written, or where it is damaged. */
  readonly owner: z.infer<typeof holderSchema> | undefined;
  readonly text: string;
  readonly modified: number;
}

async function attempt(
  file: string,
  times: HeartbeatTimes,
  isAbandoned: (holder: Holder) => Promise<boolean>,
): Promise<DownloadLock | undefined> {
  const holder = await readHolder(file);
  if (holder !== undefined) {
    if (!(await isAbandoned(holder))) return undefined;
    await removeAbandoned(file, holder);
  }
  return create(file, times);
}

async function create(file: string, times: HeartbeatTimes): Promise<DownloadLock | undefined> {
  const handle = await openNew(file);
  if (handle === undefined) return undefined;
  const id = randomUUID();
  try {
    await handle.writeFile(JSON.stringify({ id, pid: process.pid, host: await hostIdentity() }));
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return hold(file, id, times);
}

function hold(file: string, id: string, { beat }: HeartbeatTimes): DownloadLock {
  const loss = new AbortController();
  const isOurs = async () => (await readHolder(file))?.owner?.id === id;
  const timer = setInterval(() => {
    void (async () => {
      if (await isOurs()) return utimes(file, new Date(), new Date());
      clearInterval(timer);
      loss.abort(new Error(`The lock ${file} was taken over by another process.`));
    })().catch(() => undefined); // A disk that fails for a moment is no loss: the next beat tells.
  }, beat);
  timer.unref();
  return {
    lost: loss.signal,
    release: async () => {
      clearInterval(timer);
      if (await isOurs()) await rm(file, { force: true });
    },
  };
}

/** Tells whether a lock is abandoned, from what its file says and from how long it has not changed. */
function watchHolder({ staleAfter, ancientAfter }: HeartbeatTimes): (holder: Holder) => Promise<boolean> {
  let seen = '';
  let since = 0;
  return async (holder) => {
    // Measured with this process's own clock: the file's time is that of another machine.
    const state = `${holder.modified} ${holder.text}`;
    if (state !== seen) {
      seen = state;
      since = performance.now();
    }
    return (
      performance.now() - since >= staleAfter ||
      Date.now() - holder.modified >= ancientAfter ||
      (await isGone(holder))
    );
  };
}

async function isGone({ owner }: Holder): Promise<boolean> {
  if (owner === undefined || owner.host !== (await hostIdentity())) return false;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

/** The machine and, in containers that share its name, the set of processes that this one can see. */
async function hostIdentity(): Promise<string> {
  const processes = await readlink('/proc/self/ns/pid').catch(() => '');
  return `${hostname()} ${processes}`;
}

/**
 * Moves the file away before it is removed: only one of several takers can move it. Where it turns out that another has
 * taken the lock over in the meantime, that one gets its file back.
 */
async function removeAbandoned(file: string, abandoned: Holder): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  if ((await readHolder(aside))?.text !== abandoned.text) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    const [text, { mtimeMs }] = [await readFile(file, 'utf8'), await stat(file)];
    return { text, owner: parseOwner(text), modified: mtimeMs };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function parseOwner(text: string): Holder['owner'] {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function openNew(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'wx', 0o664);
  } catch (error) {
    if (error instanceof Error && 'code' in error && takenCodes.has(error.code)) return undefined;
    throw error;
  }
}

// Windows answers EPERM while a file of that name is being removed.
const takenCodes: ReadonlySet<unknown> = new Set(
  process.platform === 'win32' ? ['EEXIST', 'EPERM'] : ['EEXIST'],
);
