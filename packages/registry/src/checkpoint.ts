import type { ProcessorConfig } from '@webssl/preprocess';
import type { TensorEntry, TensorIndex } from '@webssl/tensor-files';
import type { ModelConfig } from './model-config.js';

/** A checkpoint folder, opened and checked: nothing of the weights has been read. */
export interface Checkpoint {
  /** As the user named it: catalogue id, folder, or `random:<id>@<seed>`. */
  readonly id: string;
  /** Commit of the hub repository, where it is known. */
  readonly revision: string | undefined;
  readonly folder: string;
  readonly config: ModelConfig;
  readonly processor: ProcessorConfig;
  /**
   * The tensors that the architecture needs, under the names of tensor-names.ts whatever the file's spelling, e.g.
   * `encoder.layer.0.attention.attention.query.weight`. Complete and of the right shapes.
   */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** The files as they are, unused tensors included. */
  readonly index: TensorIndex;
  /** Tensors in the files that the architecture has no use for: reported, not fatal. */
  readonly unexpected: readonly string[];
  /** Seed of a synthetic checkpoint; absent for trained weights. */
  readonly synthetic: { readonly seed: number } | undefined;
  /** Identifies weights and config on this machine; changes when a file does. */
  readonly key: string;
  /** Identifies weights and config by content, on every machine alike; reads weights whose hash is not known. */
  fingerprint(signal?: AbortSignal): Promise<string>;
}
