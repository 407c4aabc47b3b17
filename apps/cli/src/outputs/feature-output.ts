import type { Features } from '@webssl/encoder';

/** Where features come from: written beside them, so that no file is without its origin. */
export interface Provenance {
  readonly model: string;
  readonly revision: string | undefined;
  /** True when the weights are seeded random numbers and not trained. */
  readonly synthetic: boolean;
  readonly device: string;
  /** Preprocessing, as JSON text. */
  readonly processing: string;
  readonly normalized: boolean;
}

/** A file of features that grows image by image and takes its name only when it is whole. */
export interface FeatureOutput {
  append(image: string, features: Features): Promise<void>;
  appendError(image: string, error: Error): Promise<void>;
  finish(provenance: Provenance): Promise<void>;
  /** Removes what was written. Never throws. */
  abort(): Promise<void>;
}
