import { abortedError, backendError } from '../backend-error.js';
import type { BackendSession, CloseReason, DeviceInfo, RunOptions, RunResult } from '../contract.js';
import type { OutputName } from '../outputs.js';
import type { PixelBatch, Tensor } from '../tensor.js';
import type { WebsslError } from '../webssl-error.js';
import { unpackError } from './error-transfer.js';
import type { Reply, Request } from './messages.js';
import type { Peer } from './peer.js';
import { checkInput, type OpenedWith, selectOutputs } from './run-check.js';
import { SilenceWatch } from './silence-watch.js';

/** A run that the caller waits for, or has stopped waiting for while the child still works on it. */
interface PendingRun {
  readonly request: Extract<Request, { kind: 'run' }>;
  /** Undefined once the caller has its answer. */
  settle: { resolve(result: RunResult): void; reject(error: WebsslError): void } | undefined;
}

/** What a hosted session is made of, once its child has opened. */
export interface HostedSessionParts {
  readonly peer: Peer;
  readonly device: DeviceInfo;
  readonly batchSizes: readonly number[];
  /** Runs that the child executes at once. */
  readonly concurrentRuns: number;
  readonly opened: OpenedWith;
  /** How long the child may be silent while it owes an answer. */
  readonly deadlineMilliseconds: number;
  /** How long the child may take to close before it is killed. */
  readonly closeMilliseconds: number;
}

/** The caller's side of a session that lives in a child process or a worker thread. */
export class HostedSession implements BackendSession {
  readonly device: DeviceInfo;
  readonly batchSizes: readonly number[];
  readonly maxInFlight: number;
  readonly closed: Promise<CloseReason>;

  readonly #peer: Peer;
  readonly #opened: OpenedWith;
  readonly #deadline: number;
  readonly #closeMilliseconds: number;
  readonly #watch = new SilenceWatch(() => this.#overrun());
  readonly #queue: PendingRun[] = [];
  /** Runs that the child has, by id. */
  readonly #sent = new Map<number, PendingRun>();
  #nextId = 0;
  /** Runs that a caller waits for. */
  #awaited = 0;
  #refusal: WebsslError | undefined;
  #closing: Promise<void> | undefined;
  #end: (reason: CloseReason) => void = () => {};

  constructor(parts: HostedSessionParts) {
    this.#peer = parts.peer;
    this.#opened = parts.opened;
    this.#deadline = parts.deadlineMilliseconds;
    this.#closeMilliseconds = parts.closeMilliseconds;
    this.device = parts.device;
    this.batchSizes = parts.batchSizes;
    // One more than it executes: the next input travels while the current one is computed.
    this.maxInFlight = parts.concurrentRuns + 1;
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
    void this.#peer.ended.then(({ how, output }) => {
      if (this.#closing !== undefined) this.#end({ kind: 'closed' });
      else this.#lose(`its ${this.#place} ended (${how})${output && `; the last output was:\n${output}`}`);
    });
    this.#peer.release();
  }

  async run(input: PixelBatch, options: RunOptions = {}): Promise<RunResult> {
    if (this.#refusal) throw this.#refusal;
    checkInput(input, this.#opened);
    const { outputs, tokens } = selectOutputs(options, this.#opened);
    const { signal } = options;
    if (signal?.aborted) throw abortedError('The run', signal);

    this.#nextId += 1;
    const id = this.#nextId;
    const request = { kind: 'run', id, input, outputs, tokens } as const;
    const run: PendingRun = { request, settle: undefined };
    const abort = () => this.#abort(run, abortedError('The run', signal));
    signal?.addEventListener('abort', abort);
    this.#awaited += 1;
    this.#peer.hold();
    try {
      return await new Promise<RunResult>((resolve, reject) => {
        run.settle = { resolve, reject };
        this.#queue.push(run);
        this.#pump();
      });
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#awaited -= 1;
      if (this.#awaited === 0 && this.#closing === undefined) this.#peer.release();
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Takes a validated message of the child. */
  receive(reply: Reply): void {
    this.#watch.heard();
    if (reply.kind === 'call-ended' || this.#refusal?.code === 'BACKEND_LOST') return;
    if (reply.kind !== 'result' && reply.kind !== 'failed') {
      this.violated(`an unexpected '${reply.kind}' message`);
      return;
    }
    const run = reply.id === undefined ? undefined : this.#sent.get(reply.id);
    if (run === undefined) {
      this.violated(`an answer to a run that it does not have`);
      return;
    }
    this.#sent.delete(run.request.id);
    if (reply.kind === 'failed') {
      const error = unpackError(reply.error, 'BACKEND_RUN_FAILED', 'The run failed on the device');
      run.settle?.reject(error);
      if (error.code === 'BACKEND_LOST') {
        this.#peer.kill();
        this.#loseWith(error);
        return;
      }
    } else {
      run.settle?.resolve({
        tensors: ownTensors(reply.tensors),
        ...(reply.timing && { timing: reply.timing }),
      });
    }
    run.settle = undefined;
    this.#pump();
  }

  /** The child said something that is not part of the protocol. */
  violated(what: string): void {
    this.#peer.kill();
    this.#lose(`the ${this.#place} sent ${what}; its worker entry is not of this version`);
  }

  get #place(): string {
    return this.device.isolation === 'process' ? 'child process' : 'worker thread';
  }

  #pump(): void {
    while (this.#sent.size < this.maxInFlight) {
      const run = this.#queue.shift();
      if (run === undefined) break;
      if (run.request.input.data.length === 0) {
        run.settle?.reject(
          backendError(
            'BACKEND_INPUT_INVALID',
            'The memory of the input was transferred away while the run waited.',
          ),
        );
        run.settle = undefined;
        continue;
      }
      this.#sent.set(run.request.id, run);
      this.#peer.send(run.request);
    }
    if (this.#sent.size > 0) this.#watch.start(this.#deadline);
    else if (this.#closing === undefined) this.#watch.stop();
  }

  /** The caller gets its answer now; the child skips what it can of the run, and the rest of it is discarded. */
  #abort(run: PendingRun, error: WebsslError): void {
    if (run.settle === undefined) return;
    run.settle.reject(error);
    run.settle = undefined;
    const queued = this.#queue.indexOf(run);
    if (queued >= 0) this.#queue.splice(queued, 1);
    else this.#peer.send({ kind: 'abort', id: run.request.id });
  }

  async #close(): Promise<void> {
    if (this.#refusal) return;
    this.#refuseAll(
      backendError('BACKEND_CLOSED', `This session on '${this.device.backend}' is closed; open another one.`),
    );
    this.#peer.hold();
    if (this.#closeMilliseconds > 0) this.#peer.send({ kind: 'close' });
    const timer = setTimeout(() => this.#peer.kill(), this.#closeMilliseconds);
    // A thread in a native call that hangs cannot be ended: the watch then gives it up.
    this.#watch.start(this.#deadline);
    await this.closed;
    clearTimeout(timer);
    this.#watch.stop();
    this.#peer.release();
  }

  #overrun(): void {
    this.#peer.kill();
    this.#lose(`it gave no sign of life for ${this.#deadline} ms and was given up`);
  }

  #lose(what: string): void {
    this.#loseWith(backendError('BACKEND_LOST', `The session on '${this.device.backend}' is lost: ${what}`));
  }

  #loseWith(error: WebsslError): void {
    this.#watch.stop();
    this.#refuseAll(error);
    this.#end({ kind: 'lost', error });
  }

  /** From now on every run is refused; those in flight are answered. */
  #refuseAll(error: WebsslError): void {
    this.#refusal ??= error;
    for (const run of [...this.#sent.values(), ...this.#queue.splice(0)]) {
      run.settle?.reject(error);
      run.settle = undefined;
    }
  }
}

/** Tensors with memory of their own: as received, those of one message share one buffer. */
function ownTensors(tensors: RunResult['tensors']): RunResult['tensors'] {
  const own: Partial<Record<OutputName, Tensor>> = {};
  for (const [name, { data, dims }] of Object.entries(tensors) as [OutputName, Tensor][]) {
    own[name] = { data: data.byteLength === data.buffer.byteLength ? data : data.slice(), dims };
  }
  return own;
}
