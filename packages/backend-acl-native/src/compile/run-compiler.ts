import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { WebsslError } from '@webssl/backend';
import { guardGroup, signalGroup } from './compiler-groups.js';

/** How a run of the compiler ended. */
export interface CompilerRun {
  /** Exit status; null when a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether it said that it succeeded. Some failures leave the exit status 0. */
  readonly saysSuccess: boolean;
  /** The last lines that it wrote, the errors before them included. */
  readonly lines: readonly string[];
}

export interface CompilerRunOptions {
  readonly program: string;
  readonly arguments: readonly string[];
  /** It runs here, and drops files here. */
  readonly folder: string;
  /** File that gets every line. */
  readonly log: string;
  readonly onLine?: (line: string) => void;
  /** Gets the process group of the compiler as soon as there is one. */
  readonly onStart?: (leader: number) => void;
  /** Ends the compiler and all that it started. */
  readonly signal?: AbortSignal;
}

const successLine = /^ATC run success/;
const keptLines = 400;
/** What a compiler that is asked to end may take for it. */
const patienceMilliseconds = 3_000;

/**
 * Runs the compiler in a process group of its own, without a shell, with the environment of this process.
 * @throws WebsslError `BACKEND_COMPILER_MISSING` when it cannot be started; the signal's reason; errors of writing the log.
 */
export async function runCompiler(options: CompilerRunOptions): Promise<CompilerRun> {
  const { program, folder, log, onLine, onStart, signal } = options;
  signal?.throwIfAborted();
  const output = createWriteStream(log, { flags: 'a' });
  const written = finished(output);
  // Awaited at the end; until then a full disk must not look like a mistake that nobody handles.
  written.catch(() => undefined);
  const child = spawn(program, options.arguments, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  const release = pid === undefined ? undefined : endWith(pid, signal);
  // Whatever it started and left behind would hold the pipes open.
  if (pid !== undefined) child.once('exit', () => signalGroup(pid, 'SIGKILL'));
  try {
    if (pid !== undefined) onStart?.(pid);
    const lines: string[] = [];
    let saysSuccess = false;
    const take = (line: string) => {
      output.write(`${line}\n`);
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      saysSuccess ||= successLine.test(line);
      onLine?.(line);
    };
    const [end] = await Promise.all([
      exit(child),
      readLines(child.stdout, take),
      readLines(child.stderr, take),
    ]);
    signal?.throwIfAborted();
    return { ...end, saysSuccess, lines };
  } catch (error) {
    // Where the caller's onLine threw, it still runs.
    if (pid !== undefined) signalGroup(pid, 'SIGKILL');
    throw error;
  } finally {
    release?.();
    output.end();
    await written;
  }
}

/** Ends the group when the signal aborts or this process ends. */
function endWith(leader: number, signal: AbortSignal | undefined): () => void {
  const forget = guardGroup(leader);
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    signalGroup(leader, 'SIGTERM');
    timer = setTimeout(() => signalGroup(leader, 'SIGKILL'), patienceMilliseconds);
  };
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted) end();
  return () => {
    signal?.removeEventListener('abort', end);
    clearTimeout(timer);
    forget();
  };
}

function exit(
  child: ChildProcessByStdio<null, Readable, Readable>,
): Promise<Pick<CompilerRun, 'status' | 'signal'>> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(notStarted(child.spawnfile, cause)));
    child.once('close', (status, signal) => resolve({ status, signal }));
  });
}

function notStarted(program: string, cause: Error): WebsslError {
  return new WebsslError({
    code: 'BACKEND_COMPILER_MISSING',
    message: `The compiler ${program} cannot be started: ${cause.message}. Check that it is a program for this processor, and name another one with the option for the compiler.`,
    cause,
    details: { compiler: program },
  });
}

async function readLines(stream: Readable, take: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }))
    take(line);
}
