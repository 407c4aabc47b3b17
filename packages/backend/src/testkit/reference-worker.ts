import { join } from 'node:path';
import { backendError } from '../backend-error.js';
import { serveBackend } from '../host/index.js';
import type { OutputName } from '../outputs.js';
import type { Tensor } from '../tensor.js';
import { imageOutputs, outputTensor } from './fixture-tensor.js';
import { readWeights } from './read-weights.js';
import type { ReferenceSetup } from './reference-backend.js';
import type { ImageOutputs, Weights } from './vision-transformer.js';

/** First byte of every ModelProto: field 1, the version of the format. */
const firstByteOfModel = 0x08;
const library = `node ${process.versions.node}`;
const name = 'JavaScript float64';

serveBackend({
  async load() {},
  async probe() {
    return { usable: true, library, devices: [{ index: 0, name }] };
  },
  async open(_library, setup, nativeCall) {
    const { graph, folder, file, imageMilliseconds } = setup as ReferenceSetup;
    const weights = await nativeCall(() => load(graph, join(folder, file)));
    return {
      device: {
        backend: 'reference',
        name,
        precision: 'fp32',
        library,
        index: 0,
        details: { imageMilliseconds },
      },
      batchSizes: [1],
      async run({ input: { data, dims }, outputs, tokens, signal }) {
        const images: ImageOutputs[] = [];
        const length = data.length / dims[0];
        for (let image = 0; image < dims[0]; image += 1) {
          images.push(
            await nativeCall(() => {
              block(imageMilliseconds);
              return imageOutputs(data.subarray(image * length, (image + 1) * length), weights);
            }, signal),
          );
        }
        const tensors: Partial<Record<OutputName, Tensor>> = {};
        for (const output of outputs) tensors[output] = outputTensor(images, output, tokens);
        return { tensors };
      },
      async close() {},
    };
  },
});

function load(graph: Uint8Array, path: string): Weights {
  if (graph[0] !== firstByteOfModel) {
    throw backendError('BACKEND_MODEL_REFUSED', 'The graph is no ONNX model.');
  }
  try {
    return readWeights(path);
  } catch (cause) {
    throw backendError('BACKEND_WEIGHTS_UNREADABLE', `The weights ${path} cannot be read.`, { cause });
  }
}

/** Blocks this thread, as a call into a native library does. */
function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
