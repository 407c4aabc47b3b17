import type { OnnxModel, OutputName, Tensor } from '@webssl/backend';
import { InferenceSession, Tensor as RuntimeTensor } from 'onnxruntime-node';

/**
 * Opens a graph on the CPU without pre-packing. Memory patterns are off because ONNX Runtime then reserves the size of all
 * weights a second time, which a system with less memory than the largest model refuses.
 */
export function openSession(
  model: OnnxModel,
  options: InferenceSession.SessionOptions = {},
): Promise<InferenceSession> {
  return InferenceSession.create(model.bytes, {
    intraOpNumThreads: 1,
    enableMemPattern: false,
    logSeverityLevel: 3,
    extra: {
      session: {
        disable_prepacking: '1',
        model_external_initializers_file_folder_path: model.folder,
      },
    },
    ...options,
  });
}

/** Runs a graph once. */
export async function runGraph(model: OnnxModel, input: Tensor): Promise<ReadonlyMap<OutputName, Tensor>> {
  const session = await openSession(model);
  try {
    return await runSession(session, model, input);
  } finally {
    await session.release();
  }
}

/** Runs an open graph. */
export async function runSession(
  session: InferenceSession,
  model: OnnxModel,
  input: Tensor,
): Promise<ReadonlyMap<OutputName, Tensor>> {
  const feeds = { [model.input]: new RuntimeTensor('float32', input.data, [...input.dims]) };
  const results = await session.run(feeds);
  return new Map(
    model.outputs.map((name) => {
      const result = results[name];
      if (!(result?.data instanceof Float32Array)) throw new Error(`${name} is no float tensor`);
      return [name, { data: result.data, dims: result.dims }];
    }),
  );
}

/** The one output of a graph that has one. */
export async function runSingle(model: OnnxModel, input: Tensor): Promise<Tensor> {
  const [result] = (await runGraph(model, input)).values();
  if (result === undefined) throw new Error('the graph has no output');
  return result;
}
