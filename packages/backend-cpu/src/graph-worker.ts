import { parentPort, workerData } from 'node:worker_threads';
import type { Tensor } from '@webssl/backend';
import { NativeCallFlag } from '@webssl/backend/host';
import type { InferenceSession } from 'onnxruntime-common';
import type { GraphAnswer, GraphJob, GraphRun, GraphWorkerData } from './graph-job.js';
import { loadOwnRuntime, type Runtime } from './load-runtime.js';
import { runtimeOptions } from './runtime-options.js';

let runtime: Runtime | undefined;
const flag = new NativeCallFlag((workerData as GraphWorkerData).nativeCalls);

/** Worker thread that computes graphs, one job after the other, until it is told to close. */
parentPort?.on('message', async (message: GraphJob | 'close') => {
  if (message === 'close') {
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(await answerTo(message));
});

async function answerTo(job: GraphJob): Promise<GraphAnswer> {
  let session: InferenceSession | undefined;
  try {
    runtime ??= await loadOwnRuntime();
    const { InferenceSession, Tensor } = runtime;
    session = await nativeCall(() =>
      InferenceSession.create(job.graph, runtimeOptions(job.folder, job.threads, 'coldStart')),
    );
    const opened = session;
    const runs: GraphRun[] = [];
    for (const { data, dims } of job.inputs) {
      const tensor = new Tensor('float32', data, [...dims]);
      const start = performance.now();
      const computed = await nativeCall(() => opened.run({ [job.input]: tensor }));
      const milliseconds = performance.now() - start;
      runs.push({ outputs: outputsOf(computed), milliseconds });
    }
    return { runs };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  } finally {
    const opened = session;
    if (opened !== undefined) await nativeCall(() => opened.release());
  }
}

/** The process must not end while one is running. */
async function nativeCall<T>(call: () => Promise<T>): Promise<T> {
  if (!flag.enter()) throw new Error('the process is ending');
  try {
    return await call();
  } finally {
    flag.leave();
  }
}

function outputsOf(computed: InferenceSession.OnnxValueMapType): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(computed).map(([name, { data, dims }]) => {
      if (!(data instanceof Float32Array)) throw new TypeError(`The output ${name} is no float32 tensor.`);
      return [name, { data: data.slice(), dims: [...dims] }];
    }),
  );
}
