import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { callerVariable } from './caller-watch.js';
import type { Request } from './messages.js';
import { OutputTail } from './output-tail.js';
import type { MessageListener, Peer } from './peer.js';
import { SharedInputWriter } from './shared-input.js';

/** How long the last lines of a dead child may take to arrive, in milliseconds. */
const outputPatience = 200;

/** Starts an entry file in a child process. The child ends by itself when this process is gone, however that went. */
export function startProcess(entry: URL, onMessage: MessageListener): Peer {
  const sharedInput = SharedInputWriter.open();
  const child = fork(fileURLToPath(entry), [], {
    serialization: 'advanced',
    // A debug port, a loader or a heap limit of the caller is not meant for the child.
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: undefined, [callerVariable]: String(process.pid) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc', sharedInput?.descriptor ?? 'ignore'],
    // A process group of its own: Ctrl+C in a terminal reaches the caller, who decides.
    detached: process.platform !== 'win32',
  });
  const tail = new OutputTail();
  for (const stream of [child.stdout, child.stderr]) {
    tail.follow(stream);
    if (stream && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
  }
  child.on('message', (message) => {
    const run = answeredRun(message);
    if (run !== undefined) sharedInput?.release(run);
    onMessage(message);
  });
  child.on('exit', () => sharedInput?.close());

  const ended = new Promise<{ how: string; output: string }>((resolve) => {
    child.on('error', (error) => {
      // 'error' also tells of a message that could not be sent; then 'exit' follows, and tells more.
      if (child.pid !== undefined) return;
      sharedInput?.close();
      resolve({ how: `it could not be started: ${error.message}`, output: '' });
    });
    child.on('exit', (code, signal) => {
      const finish = () => {
        clearTimeout(timer);
        resolve({ how: signal === null ? `exit code ${code}` : `signal ${signal}`, output: tail.toString() });
      };
      const timer = setTimeout(finish, outputPatience);
      child.on('close', finish);
    });
  });

  return {
    ...(child.pid !== undefined && { processId: child.pid }),
    send(request: Request) {
      // A failure to send is the death of the child, which `ended` tells.
      if (!child.connected) return;
      const input = request.kind === 'run' ? sharedInput?.write(request.id, request.input) : undefined;
      child.send(input === undefined ? request : { ...request, input }, () => {});
    },
    hold() {
      child.ref();
      child.channel?.ref();
    },
    release() {
      child.unref();
      child.channel?.unref();
    },
    kill() {
      child.kill('SIGKILL');
    },
    ended,
  };
}

/** The run that a message of the child is the answer to. */
function answeredRun(message: unknown): number | undefined {
  return typeof message === 'object' && message !== null && 'id' in message && typeof message.id === 'number'
    ? message.id
    : undefined;
}
