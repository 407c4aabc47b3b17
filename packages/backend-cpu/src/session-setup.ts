import type { ImageSize, OutputName, Precision, TokenSelection } from '@webssl/backend';

/**
 * `coldStart` leaves the weights where they are in the file, in pages that all processes share: the session opens at once.
 * `throughput` first repacks them for the processor into memory of its own: that takes seconds, then every image is faster.
 */
export type CpuMode = 'coldStart' | 'throughput';

/** What the worker needs to open a session. Crosses to it as a message. */
export interface SessionSetup {
  readonly graph: Uint8Array;
  readonly folder: string;
  readonly input: string;
  readonly outputs: readonly OutputName[];
  /** The tokens of `last_hidden_state` that the graph gives. */
  readonly tokens: TokenSelection;
  readonly size: ImageSize;
  readonly threads: number;
  readonly mode: CpuMode;
  /** Absent: fp32. */
  readonly precision?: Precision;
  /** Bits that int8 weights use, where there are some. */
  readonly weightBits?: 7 | 8;
  /** By what the weights were made of the model's own, where they were. */
  readonly weightRecipe?: string;
}
