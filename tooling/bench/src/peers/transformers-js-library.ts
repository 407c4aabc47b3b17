import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** The part of @huggingface/transformers that is used here; it is installed in a folder of its own, without types. */
export interface TransformersJs {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly AutoModel: { from_pretrained(model: string, options: ModelOptions): Promise<Model> };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => unknown;
  pipeline(task: 'image-feature-extraction', model: string, options: ModelOptions): Promise<FeatureExtractor>;
}

interface ModelOptions {
  readonly device: 'cpu';
  readonly dtype: 'fp32';
  readonly model_file_name: string;
  readonly session_options: { readonly intraOpNumThreads: number };
}

type Model = (inputs: {
  readonly pixel_values: unknown;
}) => Promise<{ readonly last_hidden_state: Features }>;
type FeatureExtractor = (image: string) => Promise<Features>;

interface Features {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/**
 * Loads the package as installed in a folder, set to read models from disk and not from the network.
 *
 * @param model folder of the model
 * @returns the package, and the model's name for it
 */
export function loadTransformersJs(folder: string, model: string): { library: TransformersJs; name: string } {
  const library: TransformersJs = createRequire(join(folder, 'package.json'))('@huggingface/transformers');
  library.env.allowRemoteModels = false;
  library.env.localModelPath = dirname(model);
  return { library, name: basename(model) };
}

/** What both sides of the comparison agree on: float32 on the CPU, and how many threads. */
export function modelOptions(graph: string, threads: string): ModelOptions {
  return {
    device: 'cpu',
    dtype: 'fp32',
    model_file_name: graph,
    session_options: { intraOpNumThreads: Number(threads) },
  };
}
