import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebsslError } from '@webssl/backend';
import { request } from 'undici';
import { serverProgram } from '../paths.js';
import { collectTail } from '../program.js';
import type { Subject } from '../subject.js';

/** A real server on loopback, as a user starts it. */
export interface ServerProcess {
  readonly address: string;
  readonly processId: number;
  /**
   * Asks it to end, and waits until it has.
   *
   * @throws WebsslError `BENCH_PROGRAM_FAILED` when it does not end in order
   */
  stop(): Promise<void>;
}

/** The longest that a request waits: clients of a full queue wait for minutes. */
const timeoutSeconds = 3600;
const stopMilliseconds = 60_000;

/**
 * Starts a server and waits until its device has computed.
 *
 * @param flags besides the model, its threads and a port
 * @throws WebsslError `BENCH_PROGRAM_FAILED`
 */
export async function startServerProcess(
  { model, threads }: Pick<Subject, 'model' | 'threads'>,
  flags: readonly string[] = [],
): Promise<ServerProcess> {
  const child = spawn(
    process.execPath,
    [
      ...[serverProgram, '--model', model, '--threads', `${threads}`, '--port', '0'],
      ...['--timeout', `${timeoutSeconds}`, ...flags],
    ],
    // Its log is written, as always, and nobody reads it.
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' } },
  );
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const complaint = collectTail(child);
  try {
    const address = await addressOf(child);
    if (address === undefined || child.pid === undefined) throw failed(complaint());
    await ready(address, child);
    return { address, processId: child.pid, stop: () => stop(child, complaint) };
  } catch (error) {
    kill();
    throw WebsslError.isInstance(error) ? error : failed(complaint() || String(error));
  }
}

/** Read from what it tells its user; undefined when it ends without. */
async function addressOf(child: ChildProcess): Promise<string | undefined> {
  if (child.stderr === null) return undefined;
  for await (const line of createInterface({ input: child.stderr })) {
    const address = /^Serving .* at (http:\/\/[^ ]+)/.exec(line)?.[1];
    if (address === undefined) continue;
    child.stderr.resume();
    return address;
  }
  return undefined;
}

async function ready(address: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    const { statusCode, body } = await request(`${address}/readyz`);
    await body.dump();
    if (statusCode === 200) return;
    await sleep(100);
  }
  throw failed('it ended before it was ready');
}

async function stop(child: ChildProcess, complaint: () => string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMilliseconds);
    await exit;
    clearTimeout(timer);
  }
  if (child.exitCode !== 0) {
    throw failed(`it ended with ${child.signalCode ?? `exit code ${child.exitCode}`}: ${complaint()}`);
  }
}

function failed(reason: string): WebsslError {
  return new WebsslError({
    code: 'BENCH_PROGRAM_FAILED',
    message: `the server failed: ${reason}`,
    details: { reason },
  });
}
