import type { ModelConfig } from '@webssl/registry';
import type { TensorEntry } from '@webssl/tensor-files';
import type { GraphBuilder, Value } from './graph-builder.js';

/** What every piece of the graph builds with. */
export interface LayerContext {
  readonly graph: GraphBuilder;
  readonly config: ModelConfig;
  /** The checkpoint's tensor of that name. */
  readonly tensor: (name: string) => TensorEntry;
  /** The same as a value of the graph, in place. */
  readonly weight: (name: string) => Value;
}

/** `input` `[M, in]` times the stored `[out, in]` matrix, transposed by the product itself, plus the bias: `[M, out]`. */
export function linear(
  { graph }: LayerContext,
  name: string,
  input: Value,
  weight: TensorEntry,
  bias: TensorEntry | undefined,
): Value {
  const inputs = [input, graph.weight(weight)];
  if (bias !== undefined) inputs.push(graph.weight(bias));
  return graph.node(name, 'Gemm', inputs, { transB: 1 });
}
