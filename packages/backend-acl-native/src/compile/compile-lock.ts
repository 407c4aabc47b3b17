import { randomUUID } from 'node:crypto';
import { link, readFile, readlink, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { hasCode, isMissing } from './file-errors.js';

/** How the lock keeps time, in milliseconds. */
export interface LockTimes {
  /** Between two signs of life of the holder. */
  readonly beat: number;
  /** A lock without a sign of life for so long, while this process watched it, is abandoned. */
  readonly staleAfter: number;
  /** Between two looks of one who waits. */
  readonly look: number;
}

export interface LockOptions {
  readonly signal?: AbortSignal;
  /** Called once, when another holds the lock. */
  readonly onWait?: () => void;
}

const defaultTimes: LockTimes = { beat: 5_000, staleAfter: 30_000, look: 500 };

const ownerSchema = z.object({ id: z.string(), processId: z.int().positive(), host: z.string() });

/**
 * Waits until no other process compiles what a file stands for. The file is the lock: its holder made it, and touches it from
 * time to time. A lock whose process is gone, or that nobody touches any more, is taken over. It spares compiling twice and
 * nothing else: two who hold it at once, after one of them slept for long, get the same result.
 *
 * @returns lets go of the lock
 * @throws the signal's reason; errors of the file system.
 */
export async function acquireCompileLock(
  file: string,
  { signal, onWait }: LockOptions = {},
  times: LockTimes = defaultTimes,
): Promise<() => Promise<void>> {
  const id = randomUUID();
  const text = JSON.stringify({ id, processId: process.pid, host: await hostIdentity() });
  const isAbandoned = watchHolder(times.staleAfter);
  for (let look = 0; ; look += 1) {
    signal?.throwIfAborted();
    const made = await writeFile(file, text, { flag: 'wx' }).then(
      () => true,
      (error: unknown) => {
        if (hasCode(error, ['EEXIST'])) return false;
        throw error;
      },
    );
    if (made) return hold(file, text, times.beat);
    const holder = await readHolder(file);
    if (holder === undefined) continue;
    if (await isAbandoned(holder)) {
      await removeAbandoned(file, holder);
    } else {
      if (look === 0) onWait?.();
      await sleep(times.look, undefined, { signal }).catch(() => undefined);
    }
  }
}

interface Holder {
  readonly text: string;
  readonly modified: number;
}

function hold(file: string, text: string, beat: number): () => Promise<void> {
  const isOurs = async () => (await readHolder(file))?.text === text;
  const timer = setInterval(() => {
    // A disk that fails for a moment is no loss: the next beat comes soon.
    void utimes(file, new Date(), new Date()).catch(() => undefined);
  }, beat);
  timer.unref();
  return async () => {
    clearInterval(timer);
    if (await isOurs()) await rm(file, { force: true });
  };
}

function watchHolder(staleAfter: number): (holder: Holder) => Promise<boolean> {
  let seen = '';
  let since = 0;
  return async ({ text, modified }) => {
    // Measured with this process's own clock: the file's time may be that of another machine.
    const state = `${modified} ${text}`;
    if (state !== seen) {
      seen = state;
      since = performance.now();
    }
    return performance.now() - since >= staleAfter || (await isGone(text));
  };
}

async function isGone(text: string): Promise<boolean> {
  const owner = parseOwner(text);
  if (owner === undefined || owner.host !== (await hostIdentity())) return false;
  try {
    process.kill(owner.processId, 0);
    return false;
  } catch (error) {
    return hasCode(error, ['ESRCH']);
  }
}

/** Undefined while it is being written, or where it is damaged: then only time tells. */
function parseOwner(text: string): z.infer<typeof ownerSchema> | undefined {
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The machine and, in containers that share its name, the set of processes that this one can see. */
async function hostIdentity(): Promise<string> {
  const processes = await readlink('/proc/self/ns/pid').catch(() => '');
  return `${hostname()} ${processes}`;
}

/** Only one of several can move the file away; where it is a new one by then, its holder gets it back. */
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
    return { text, modified: mtimeMs };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
