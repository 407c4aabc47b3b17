import { isMainThread } from 'node:worker_threads';
import type { NativeCall, ServedSession } from '@webssl/backend/host';
import { BatchResult } from './batch-result.js';
import { chunkPixels, splitBatch } from './batches.js';
import { cannDevice } from './cann/cann-device.js';
import { cpuDevice } from './cpu-device.js';
import { openingError, runError } from './failure.js';
import { loadRuntime } from './onnxruntime/load-runtime.js';
import { Resources } from './onnxruntime/resources.js';
import type { Runtime } from './onnxruntime/runtime.js';
import { errorsOnly } from './onnxruntime/session-options.js';
import { type OpenPiece, openPiece } from './open-piece.js';
import { runPieces } from './run-pieces.js';
import type { SessionSetup } from './session-setup.js';

/** How long the error of a device that failed may take to reach the caller before the session ends, in milliseconds. */
const farewellMilliseconds = 200;

/**
 * Loads the library and the pieces of a model. The setup is the one that `cannOnnx` makes: it comes from the same package.
 * @throws WebsslError with the codes that the README lists.
 */
export async function openSession(setup: unknown, nativeCall: NativeCall): Promise<ServedSession> {
  const session = setup as SessionSetup;
  const resources = new Resources();
  // Where the caller no longer wants the session, the host ends this thread after the native call, and nothing below runs.
  const release = () => resources.discard();
  process.once('exit', release);
  resources.add(() => process.off('exit', release));
  return nativeCall(() => {
    try {
      const runtime = loadRuntime(session.provider, session.library);
      return loadModel(runtime, session, resources, nativeCall);
    } catch (error) {
      resources.discard();
      throw openingError(error, session.provider, session.pieces[0]?.folder);
    }
  });
}

/**
 * Loads the pieces of a model, until `resources` are released; closing the session releases them.
 * @throws WebsslError, RuntimeFailure, or an Error of the file system
 */
export function loadModel(
  runtime: Runtime,
  setup: SessionSetup,
  resources: Resources,
  nativeCall: NativeCall,
): ServedSession {
  const { functions } = runtime;
  const environment = runtime.pointer((slot) => functions.createEnv(errorsOnly, 'webssl', slot));
  // With the last environment goes the CANN provider, and it cannot be initialised again in the same process.
  if (setup.provider === 'cpu' || isMainThread) resources.add(() => functions.releaseEnv(environment));
  const device =
    setup.provider === 'cpu' ? cpuDevice(runtime, setup.threads) : cannDevice(runtime, setup, resources);
  const pieces = setup.pieces.map((piece) => openPiece(runtime, environment, device, piece, resources));
  return {
    device: {
      backend: 'cann-onnx',
      name: device.name,
      precision: setup.precision,
      library: device.library,
      index: setup.device,
      details: { ...device.details, pieces: pieces.length },
    },
    batchSizes: setup.batchSizes,
    run: (run) => runBatch(pieces, setup, run, nativeCall),
    async close() {
      resources.release();
    },
  };
}

async function runBatch(
  pieces: readonly OpenPiece[],
  { batchSizes, tokens: given, provider }: SessionSetup,
  { input: { data, dims }, outputs, tokens, signal }: Parameters<ServedSession['run']>[0],
  nativeCall: NativeCall,
): ReturnType<ServedSession['run']> {
  const [batch, ...image] = dims;
  const result = new BatchResult(batch, given, tokens);
  let compute = 0;
  for (const chunk of splitBatch(batch, batchSizes)) {
    // One native call for all pieces: between two of them a thread may be ended, and the hidden states would stay behind.
    await nativeCall(() => {
      const start = performance.now();
      try {
        const pixels = chunkPixels(data, data.length / batch, chunk);
        runPieces(pieces, { data: pixels, dims: [chunk.size, ...image] }, outputs, (output, tensor) =>
          result.add(chunk, output, tensor),
        );
      } catch (cause) {
        const error = runError(cause, provider);
        if (error.code === 'BACKEND_LOST') setTimeout(() => process.exit(1), farewellMilliseconds);
        throw error;
      }
      compute += performance.now() - start;
    }, signal);
  }
  return { tensors: result.tensors(outputs), timing: { compute } };
}
