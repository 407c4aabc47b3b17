import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { WebsslError } from '@webssl/backend';
import { type MemoryKind, readTreeMemory } from './process-tree.js';

/** A program to start and its arguments. */
export interface Program {
  readonly command: string;
  readonly parameters: readonly string[];
  /** Added to this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: this process's own. */
  readonly folder?: string;
}

/** How often memory is looked at. */
const sampleMilliseconds = 20;

/**
 * Runs a program to its end.
 *
 * @returns seconds from just before it is started to its end
 * @throws WebsslError `BENCH_PROGRAM_FAILED` with the end of what it wrote to stderr
 */
export async function timeProgram(program: Program): Promise<number> {
  const started = performance.now();
  const child = start(program);
  await ended(child, program);
  return (performance.now() - started) / 1000;
}

/**
 * Runs a program to its end, looking every 20 ms at the memory of it and of all it starts.
 *
 * @returns the largest sum of one instant, in bytes
 * @throws WebsslError `BENCH_PROGRAM_FAILED`
 */
export async function peakMemory(program: Program, kind: MemoryKind): Promise<number> {
  const child = start(program);
  let peak = 0;
  const timer = setInterval(() => {
    if (child.pid !== undefined) peak = Math.max(peak, readTreeMemory(child.pid, kind).bytes);
  }, sampleMilliseconds);
  try {
    await ended(child, program);
  } finally {
    clearInterval(timer);
  }
  return peak;
}

function start({ command, parameters, environment, folder }: Program): ChildProcess {
  return spawn(command, parameters, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ORT_DISABLE_TELEMETRY: '1', ...environment },
    ...(folder === undefined ? {} : { cwd: folder }),
  });
}

async function ended(child: ChildProcess, { command, parameters }: Program): Promise<void> {
  const complaint = collectTail(child);
  let status: unknown;
  try {
    [status] = await once(child, 'close');
  } catch (cause) {
    throw failed(command, parameters, String(cause));
  }
  if (status !== 0) throw failed(command, parameters, `exit code ${status}: ${complaint()}`);
}

function failed(command: string, parameters: readonly string[], reason: string): WebsslError {
  return new WebsslError({
    code: 'BENCH_PROGRAM_FAILED',
    message: `${[command, ...parameters].join(' ')} failed: ${reason}`,
    details: { reason },
  });
}

/** The end of what a child writes to stderr. */
export function collectTail(child: ChildProcess, length = 2000): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-length);
  });
  return () => tail.trim();
}
