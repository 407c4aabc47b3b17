import { Worker } from 'node:worker_threads';
import { type OnnxModel, type Tensor, WebsslError } from '@webssl/backend';
import { exportedFile, guardExit, NativeCallFlag } from '@webssl/backend/host';
import { availableThreads } from './available-threads.js';
import { checkThreads } from './check-threads.js';
import { disableTelemetry } from './disable-telemetry.js';
import type { GraphAnswer, GraphJob, GraphRun, GraphWorkerData } from './graph-job.js';

/** Options of {@link createGraphRunner}. */
export interface GraphRunnerOptions {
  /** Threads that compute. Default: what the process may use. */
  readonly threads?: number;
  /** The worker file to start instead of `@webssl/backend-cpu/graph-worker`: for bundlers that move files. */
  readonly workerEntry?: URL;
}

/** Computes graphs that are no whole models: layers on their own, with hidden states as input and any outputs. */
export interface GraphRunner {
  /**
   * Opens a graph, computes every input with it, one after the other, and closes it.
   * @throws WebsslError `BACKEND_RUN_FAILED` when the graph cannot be opened or run, `BACKEND_CLOSED`
   */
  run(model: OnnxModel, inputs: readonly Tensor[]): Promise<readonly GraphRun[]>;
  /** Ends the thread, after what was asked for before. Idempotent. */
  close(): Promise<void>;
}

/** How long an exit of this process waits for the graph that is being computed, in milliseconds. */
const exitPatience = 600_000;

/** Starts a thread with ONNX Runtime in it. It is for measuring parts of models; to compute features, open a session of {@link cpu}. */
export function createGraphRunner(options: GraphRunnerOptions = {}): GraphRunner {
  checkThreads(options.threads);
  const { threads = availableThreads() } = options;
  const entry =
    options.workerEntry ?? exportedFile('@webssl/backend-cpu/graph-worker', import.meta.url, 'workerEntry');
  disableTelemetry();
  const flag = new NativeCallFlag();
  const workerData: GraphWorkerData = { nativeCalls: flag.memory };
  // It needs none of this process's flags, and some, such as --input-type, keep a worker from starting.
  const worker = new Worker(entry, { workerData, execArgv: [] });
  worker.once('exit', guardExit({ flag, patience: exitPatience }));
  let closing: Promise<void> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const ended = new Promise<never>((_, reject) => {
    worker.once('error', (cause) => reject(failed(cause)));
    worker.once('exit', () => reject(closedError()));
  });
  // Whoever waits for an answer hears of it; nobody may be waiting.
  ended.catch(() => undefined);

  async function runNow(model: OnnxModel, inputs: readonly Tensor[]): Promise<readonly GraphRun[]> {
    const job: GraphJob = { graph: model.bytes, folder: model.folder, input: model.input, inputs, threads };
    const answered = new Promise<GraphAnswer>((resolve) => worker.once('message', resolve));
    worker.postMessage(job);
    const answer = await Promise.race([answered, ended]);
    if ('failure' in answer) throw failed(new Error(answer.failure));
    return answer.runs;
  }

  return {
    run(model, inputs) {
      if (closing !== undefined) return Promise.reject(closedError());
      const result = last.then(() => runNow(model, inputs));
      last = result.catch(() => undefined);
      return result;
    },
    close() {
      // Ending a thread inside a native call aborts the whole process: it ends itself when it is through.
      closing ??= last.then(() => {
        worker.postMessage('close');
        return ended.catch(() => undefined);
      });
      return closing;
    },
  };
}

function closedError(): WebsslError {
  return new WebsslError({ code: 'BACKEND_CLOSED', message: 'The graph runner is closed.' });
}

function failed(cause: unknown): WebsslError {
  return new WebsslError({
    code: 'BACKEND_RUN_FAILED',
    message: `A graph could not be computed: ${cause instanceof Error ? cause.message : String(cause)}`,
    cause,
  });
}
