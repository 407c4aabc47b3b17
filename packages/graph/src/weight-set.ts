import type { Checkpoint } from '@webssl/registry';
import type { TensorEntry, TensorIndex } from '@webssl/tensor-files';
import { graphError } from './graph-error.js';
import type { Int8Matrix } from './layer-context.js';
import type { LinearLayer } from './layer-tensors.js';
import { int8Names } from './quantization/weight-recipe.js';

/** The weights that a graph is built on. */
export interface WeightSet {
  /** The files that they lie in. */
  readonly files: readonly string[];
  /** By what they were made of the checkpoint's own; undefined where they are these. */
  readonly recipe?: string | undefined;
  /** @throws WebsslError `GRAPH_TENSOR_MISSING`. */
  tensor(name: string): TensorEntry;
  /** The int8 matrix of a linear layer; undefined where it is to compute in float32. */
  int8Matrix(layer: LinearLayer): Int8Matrix | undefined;
}

/** A checkpoint's weights as they are. */
export function checkpointWeights({ id, tensors, index }: Checkpoint): WeightSet {
  return {
    files: index.files.map(({ file }) => file),
    tensor: (name) => requireTensor(tensors, name, `The checkpoint ${id}`),
    int8Matrix: () => undefined,
  };
}

/**
 * Derived weights.
 * @param float32 linear layers that compute in float32 although the file has them in int8 too: what is computed is not what the file's
 *   recipe gives then
 */
export function derivedWeightSet(
  { tensors, files, metadata }: TensorIndex,
  float32?: ReadonlySet<string>,
): WeightSet {
  const tensor = (name: string) => requireTensor(tensors, name, `The file ${files[0]?.file}`);
  return {
    files: files.map(({ file }) => file),
    recipe: float32 === undefined ? metadata['recipe'] : undefined,
    tensor,
    int8Matrix({ name }) {
      const { weight, scale } = int8Names(name);
      if (float32?.has(name) || !tensors.has(weight)) return undefined;
      return { weight: tensor(weight), scale: tensor(scale) };
    },
  };
}

function requireTensor(tensors: ReadonlyMap<string, TensorEntry>, name: string, owner: string): TensorEntry {
  const tensor = tensors.get(name);
  // The files may spell it otherwise; in the graph it has the name that was asked for.
  if (tensor !== undefined) return { ...tensor, name };
  throw graphError('GRAPH_TENSOR_MISSING', `${owner} has no tensor ${name}, which its architecture needs.`, {
    tensor: name,
  });
}
