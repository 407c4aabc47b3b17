import { type TransferListItem, Worker } from 'node:worker_threads';
import { WebsslError } from '@webssl/backend';

/** What a pool is made of. */
export interface WorkerPoolOptions {
  readonly entry: URL;
  readonly workerData: unknown;
  /** The most workers at a time; they are started as they are needed. */
  readonly size: number;
}

interface Task<Request, Response> {
  readonly request: Request;
  readonly transfer: readonly TransferListItem[];
  readonly resolve: (response: Response) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Worker threads that answer one request at a time each, first come, first served.
 *
 * Workers hold the process only while they have a request, so a program that forgets to close the pool still ends. A
 * worker that dies loses its own request only; the next request starts another one.
 */
export class WorkerPool<Request, Response> {
  readonly #options: WorkerPoolOptions;
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Task<Request, Response>>();
  readonly #queue: Task<Request, Response>[] = [];
  #closing: Promise<void> | undefined;
  #whenIdle: (() => void) | undefined;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /**
   * Sends a request and waits for its response. On abort a waiting request is dropped; one that runs is finished by its
   * worker and then forgotten.
   *
   * @throws WebsslError PREPROCESS_CLOSED, PREPROCESS_WORKER_LOST; the signal's reason
   */
  run(request: Request, transfer: readonly TransferListItem[], signal?: AbortSignal): Promise<Response> {
    return new Promise<Response>((resolve, reject) => {
      if (this.#closing !== undefined) {
        reject(
          new WebsslError({
            code: 'PREPROCESS_CLOSED',
            message: 'The preprocessor is closed. Create another one with createPreprocessor.',
          }),
        );
        return;
      }
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const abort = (): void => {
        const position = this.#queue.indexOf(task);
        if (position !== -1) this.#queue.splice(position, 1);
        reject(signal?.reason);
        this.#settleIfIdle();
      };
      const task: Task<Request, Response> = {
        request,
        transfer,
        resolve: (response) => {
          signal?.removeEventListener('abort', abort);
          resolve(response);
        },
        reject: (reason) => {
          signal?.removeEventListener('abort', abort);
          reject(reason);
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#queue.push(task);
      this.#startNext();
    });
  }

  /** Finishes what was asked before, then ends the workers. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
      this.#settleIfIdle();
    });
    await Promise.all(this.#idle.splice(0).map((worker) => worker.terminate()));
  }

  #settleIfIdle(): void {
    if (this.#busy.size === 0 && this.#queue.length === 0) this.#whenIdle?.();
  }

  #startNext(): void {
    if (this.#queue.length === 0) return;
    const worker = this.#idle.pop() ?? (this.#busy.size < this.#options.size ? this.#start() : undefined);
    if (worker === undefined) return;
    const task = this.#queue.shift();
    if (task === undefined) return;
    this.#busy.set(worker, task);
    worker.ref();
    try {
      worker.postMessage(task.request, task.transfer);
    } catch (error) {
      this.#release(worker);
      task.reject(error);
    }
  }

  #start(): Worker {
    // Not the flags of the process: some, as --input-type, are refused for a file.
    const worker = new Worker(this.#options.entry, { workerData: this.#options.workerData, execArgv: [] });
    let cause: unknown;
    worker.unref();
    worker.on('message', (response: Response) => {
      const task = this.#busy.get(worker);
      this.#release(worker);
      task?.resolve(response);
    });
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', (exitCode) => this.#lose(worker, exitCode, cause));
    return worker;
  }

  #release(worker: Worker): void {
    this.#busy.delete(worker);
    worker.unref();
    this.#idle.push(worker);
    this.#startNext();
    this.#settleIfIdle();
  }

  #lose(worker: Worker, exitCode: number, cause: unknown): void {
    const position = this.#idle.indexOf(worker);
    if (position !== -1) this.#idle.splice(position, 1);
    const task = this.#busy.get(worker);
    this.#busy.delete(worker);
    const reason = cause instanceof Error ? `: ${cause.message}` : '';
    task?.reject(
      new WebsslError({
        code: 'PREPROCESS_WORKER_LOST',
        message: `The worker thread that prepared the image ended with code ${exitCode}${reason}. Try the image again; later images are not affected.`,
        cause,
        details: { exitCode },
      }),
    );
    this.#startNext();
    this.#settleIfIdle();
  }
}
