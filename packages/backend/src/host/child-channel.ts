import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { endWithCaller } from './caller-watch.js';
import type { Reply } from './messages.js';
import { NativeCallFlag } from './native-call-flag.js';
import { type SharedInput, SharedInputReader } from './shared-input.js';
import type { ThreadData, ThreadOutput } from './thread-peer.js';

/** The child's end of the line to its caller. */
export interface ChildChannel {
  /** Resolves when the message has left the child, so that a native call cannot hold it back. */
  send(reply: Reply): Promise<void>;
  listen(onMessage: (message: unknown) => void): void;
  /** Calls back when the caller is gone or has hung up. */
  onGone(listener: () => void): void;
  /** Ends this process or thread. */
  exit(): void;
  /** In a thread: what its caller must know before ending it. */
  readonly flag: NativeCallFlag | undefined;
}

/** The line to whoever started this file as a child process or a worker thread; undefined where nobody did. */
export function childChannel(): ChildChannel | undefined {
  if (!isMainThread && parentPort !== null && isThreadData(workerData)) {
    return threadChannel(parentPort, new NativeCallFlag(workerData.websslNativeCalls));
  }
  return isMainThread && process.send !== undefined ? processChannel() : undefined;
}

function processChannel(): ChildChannel {
  // Signals for the whole process group or control group: the caller decides what ends, and hanging up ends the child.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  endWithCaller();
  const sharedInput = new SharedInputReader();
  return {
    send: (reply) =>
      new Promise((resolve) => {
        if ('id' in reply && reply.id !== undefined) sharedInput.release(reply.id);
        // A channel that is closed: the caller is gone, and `onGone` tells.
        if (process.connected) process.send?.(reply, undefined, undefined, () => resolve());
        else resolve();
      }),
    listen(onMessage) {
      process.on('message', (message: unknown) => {
        onMessage(hasSharedInput(message) ? withInput(message, sharedInput) : message);
      });
    },
    onGone(listener) {
      process.on('disconnect', listener);
    },
    exit() {
      process.exit(0);
    },
    flag: undefined,
  };
}

function threadChannel(port: NonNullable<typeof parentPort>, flag: NativeCallFlag): ChildChannel {
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (chunk: unknown, ...rest: unknown[]) => {
      port.postMessage({ websslOutput: String(chunk) } satisfies ThreadOutput);
      const written = rest.at(-1);
      if (typeof written === 'function') process.nextTick(written);
      return true;
    };
  }
  return {
    async send(reply) {
      port.postMessage(reply, transferable(reply));
    },
    listen(onMessage) {
      port.on('message', onMessage);
    },
    onGone(listener) {
      port.on('close', listener);
    },
    exit() {
      process.exit(0);
    },
    flag,
  };
}

/** The buffers of a result move to the caller instead of being copied. Those that are only a part of their memory stay. */
function transferable(reply: Reply): ArrayBuffer[] {
  if (reply.kind !== 'result') return [];
  const buffers = Object.values(reply.tensors)
    .flatMap((tensor) => tensor?.data ?? [])
    .filter((data) => data.byteLength === data.buffer.byteLength)
    .map((data) => data.buffer)
    .filter((buffer) => buffer instanceof ArrayBuffer);
  return [...new Set(buffers)];
}

interface RunWithSharedInput {
  readonly kind: 'run';
  readonly id: number;
  readonly input: SharedInput;
}

function hasSharedInput(message: unknown): message is RunWithSharedInput {
  const { kind, input } = message as { readonly kind?: unknown; readonly input?: unknown };
  return kind === 'run' && typeof input === 'object' && input !== null && 'position' in input;
}

function withInput(message: RunWithSharedInput, reader: SharedInputReader): unknown {
  return { ...message, input: reader.read(message.id, message.input) };
}

function isThreadData(value: unknown): value is ThreadData {
  return (
    typeof value === 'object' &&
    value !== null &&
    'websslNativeCalls' in value &&
    value.websslNativeCalls instanceof SharedArrayBuffer
  );
}
