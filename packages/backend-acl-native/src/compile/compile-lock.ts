import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { type FileHandle, link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { signalGroup } from './compiler-groups.js';
import { hasCode, isMissing } from './file-errors.js';
import { hasEnded, hostIdentity, identityOf } from './process-identity.js';

/** The right to compile what a file stands for. */
export interface CompileLock {
  /** Notes the process group of the compiler, which whoever takes over from a process that was killed has to end. */
  noteCompiler(leader: number): void;
  release(): Promise<void>;
}

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

const processSchema = z.object({ processId: z.int().positive(), started: z.string() });
const ownerSchema = processSchema.extend({ id: z.string(), host: z.string() });

/**
 * Waits until no other process compiles what a file stands for. The file is the lock: its holder made it, and touches it from
 * time to time. A lock whose process is gone, or that nobody touches any more, is taken over; the compiler of a process that is
 * gone is ended. It spares compiling twice and nothing else: two who hold it at once, after one of them slept for long, get the
 * same result.
 *
 * @throws the signal's reason; errors of the file system.
 */
export async function acquireCompileLock(
  file: string,
  { signal, onWait }: LockOptions = {},
  times: LockTimes = defaultTimes,
): Promise<CompileLock> {
  const owner = { id: randomUUID(), ...identityOf(process.pid), host: hostIdentity() };
  const text = `${JSON.stringify(owner)}\n`;
  const isAbandoned = watchHolder(times.staleAfter);
  for (let look = 0; ; look += 1) {
    signal?.throwIfAborted();
    const handle = await open(file, 'ax').catch((error: unknown) => {
      if (hasCode(error, ['EEXIST'])) return undefined;
      throw error;
    });
    if (handle !== undefined) return hold(file, handle, text, times.beat);
    const holder = await readHolder(file);
    if (holder === undefined) continue;
    if (isAbandoned(holder)) {
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

async function hold(file: string, handle: FileHandle, text: string, beat: number): Promise<CompileLock> {
  try {
    await handle.writeFile(text);
  } catch (error) {
    await handle.close();
    await rm(file, { force: true });
    throw error;
  }
  const timer = setInterval(() => {
    // By its handle: the name may be that of another's lock by now. A disk that fails for a moment is no loss: the next beat
    // comes soon.
    void handle.utimes(new Date(), new Date()).catch(() => undefined);
  }, beat);
  timer.unref();
  return {
    noteCompiler: (leader) => {
      // At once: this process may be killed in the next moment.
      writeSync(handle.fd, `${JSON.stringify(identityOf(leader))}\n`);
    },
    release: async () => {
      clearInterval(timer);
      await handle.close();
      if ((await readHolder(file))?.text.startsWith(text)) await rm(file, { force: true });
    },
  };
}

function watchHolder(staleAfter: number): (holder: Holder) => boolean {
  let seen = '';
  let since = 0;
  return ({ text, modified }) => {
    // Measured with this process's own clock: the file's time may be that of another machine.
    const state = `${modified} ${text}`;
    if (state !== seen) {
      seen = state;
      since = performance.now();
    }
    return performance.now() - since >= staleAfter || isGone(text);
  };
}

function isGone(text: string): boolean {
  const owner = parseLine(text, 0, ownerSchema);
  return owner !== undefined && owner.host === hostIdentity() && hasEnded(owner);
}

/** The compiler of a process that was killed runs on. */
function endCompiler(text: string): void {
  const leader = parseLine(text, 1, processSchema);
  if (leader === undefined || leader.started === '' || !isGone(text)) return;
  if (!hasEnded(leader)) signalGroup(leader.processId, 'SIGKILL');
}

/** Undefined while it is being written, or where it is damaged: then only time tells. */
function parseLine<Value>(text: string, line: number, schema: z.ZodType<Value>): Value | undefined {
  try {
    return schema.parse(JSON.parse(text.split('\n')[line] ?? ''));
  } catch {
    return undefined;
  }
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
  if ((await readHolder(aside))?.text === abandoned.text) endCompiler(abandoned.text);
  else await link(aside, file).catch(() => undefined);
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
