import { Worker } from 'node:worker_threads';
import { guardExit } from './exit-guard.js';
import type { Request } from './messages.js';
import { NativeCallFlag } from './native-call-flag.js';
import { OutputTail } from './output-tail.js';
import type { MessageListener, Peer } from './peer.js';

/** How long an exit waits for a native call that has already overrun its deadline, in milliseconds. */
const patienceWithTheLost = 1000;

/** What a worker thread finds in its `workerData`. */
export interface ThreadData {
  readonly websslNativeCalls: SharedArrayBuffer;
}

/** What a worker thread wrote to its standard output or error. */
export interface ThreadOutput {
  readonly websslOutput: string;
}

/**
 * Starts an entry file in a worker thread.
 * @param deadlineMilliseconds how long an exit of this process waits for a native call of the thread.
 */
export function startThread(entry: URL, onMessage: MessageListener, deadlineMilliseconds: number): Peer {
  const flag = new NativeCallFlag();
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const worker = new Worker(entry, {
    workerData: { websslNativeCalls: flag.memory } satisfies ThreadData,
    execArgv: [],
    env,
    // Not piped to the caller's own streams, and not read either: reading them would keep the caller's process alive. What the
    // thread writes comes as messages.
    stdout: true,
    stderr: true,
  });
  const guarded = { flag, patience: deadlineMilliseconds };
  const liftGuard = guardExit(guarded);
  const tail = new OutputTail();
  worker.on('message', (message: unknown) => {
    if (isThreadOutput(message)) tail.add(message.websslOutput);
    else onMessage(message);
  });

  const ended = new Promise<{ how: string; output: string }>((resolve) => {
    let reason: string | undefined;
    worker.on('error', (error: unknown) => {
      reason = `uncaught error: ${error instanceof Error ? error.message : String(error)}`;
    });
    worker.on('exit', (code) => {
      liftGuard();
      resolve({ how: reason ?? `exit code ${code}`, output: tail.toString() });
    });
  });

  return {
    send(request: Request) {
      worker.postMessage(request);
    },
    hold() {
      worker.ref();
    },
    release() {
      worker.unref();
    },
    kill() {
      guarded.patience = Math.min(deadlineMilliseconds, patienceWithTheLost);
      // Inside a native call the thread ends itself as soon as the call has ended.
      if (flag.stop()) void worker.terminate();
    },
    ended,
  };
}

function isThreadOutput(message: unknown): message is ThreadOutput {
  return (
    typeof message === 'object' &&
    message !== null &&
    'websslOutput' in message &&
    typeof message.websslOutput === 'string'
  );
}
