import type { NativeCall, ServedSession } from '@webssl/backend/host';
import { BatchResult } from './batch-result.js';
import { libraryName, type Runtime } from './load-runtime.js';
import { openingError } from './opening-error.js';
import { cpuName } from './probe-cpu.js';
import { runtimeOptions } from './runtime-options.js';
import type { SessionSetup } from './session-setup.js';

/**
 * Opens the graph in ONNX Runtime. The setup is the one that `cpu` makes: it comes from the same package.
 * @throws WebsslError `BACKEND_MODEL_REFUSED`, `BACKEND_WEIGHTS_UNREADABLE`, `BACKEND_OUT_OF_MEMORY`, `BACKEND_OPEN_FAILED`.
 */
export async function openSession(
  runtime: Runtime,
  setup: unknown,
  nativeCall: NativeCall,
): Promise<ServedSession> {
  const {
    graph,
    folder,
    input,
    tokens: opened,
    threads,
    mode,
    precision = 'fp32',
    weightBits,
    weightRecipe,
  } = setup as SessionSetup;
  const session = await nativeCall(() =>
    runtime.InferenceSession.create(graph, runtimeOptions(folder, threads, mode, precision)),
  ).catch((cause: unknown) => {
    throw openingError(cause, folder);
  });
  return {
    device: {
      backend: 'cpu',
      name: cpuName(),
      precision,
      library: libraryName(runtime),
      index: 0,
      details: {
        threads,
        mode,
        ...(weightBits === undefined ? {} : { weightBits }),
        ...(weightRecipe === undefined ? {} : { weightRecipe }),
      },
    },
    batchSizes: [1],
    async run({ input: { data, dims }, outputs, tokens, signal }) {
      const [batch, ...image] = dims;
      const length = data.length / batch;
      const isShared = data.buffer instanceof SharedArrayBuffer;
      const result = new BatchResult(batch, opened, tokens);
      let compute = 0;
      // One image a call: batching gains nothing on a CPU, and so a result never depends on the other images of its batch,
      // and an abort waits for one image at most.
      for (let index = 0; index < batch; index += 1) {
        const [begin, end] = [index * length, (index + 1) * length];
        // ONNX Runtime's binding takes no shared memory.
        const pixels = isShared ? data.slice(begin, end) : data.subarray(begin, end);
        const feeds = { [input]: new runtime.Tensor('float32', pixels, [1, ...image]) };
        const tensors = await nativeCall(async () => {
          const start = performance.now();
          const computed = await session.run(feeds, outputs);
          compute += performance.now() - start;
          return computed;
        }, signal);
        for (const output of outputs) result.add(index, output, tensors[output]);
      }
      return { tensors: result.tensors, timing: { compute } };
    },
    close: () => session.release(),
  };
}
