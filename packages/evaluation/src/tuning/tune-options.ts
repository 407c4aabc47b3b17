import type { ImageSize } from '@webssl/backend';
import type { QuantizationPlan, QuantizeProgress } from '@webssl/graph/quantization';
import type { OpenCheckpointOptions } from '@webssl/registry';

/** Options of `tuneModel`. */
export interface TuneOptions extends OpenCheckpointOptions {
  /** A catalogue id, checkpoint folder or `random:<id>`. */
  readonly model: string;
  /** Paths. Default: two synthetic test images. What is measured holds for images like these. */
  readonly images?: readonly string[];
  /** Input size in pixels instead of the processor's. */
  readonly imageSize?: number | ImageSize;
  /** The NMSE that `last_hidden_state` and CLS of every image are to keep, as a ratio. Default 0.005. */
  readonly maxNmse?: number;
  /** Threads of the CPU. Default: what the process may use. */
  readonly threads?: number;
  /** Called when a stage begins, with what it is, in words. */
  readonly onStage?: (stage: string) => void;
  /** Called with how far a stage is. */
  readonly onStep?: (done: number, total: number) => void;
  /** Told of images that cannot be used; the others are. */
  readonly onUnusableImage?: (name: string, error: unknown) => void;
  readonly onQuantizeProgress?: (progress: QuantizeProgress) => void;
}

/** How much of the error a layer causes. */
export interface LayerShare {
  readonly layer: number;
  /** NMSE of `last_hidden_state` when this layer alone computes in int8, mean over images. */
  readonly nmse: number;
  readonly clsNmse: number;
  readonly linears: readonly LinearShare[];
}

/** How much of the error a linear layer causes. */
export interface LinearShare {
  /** Its name in the checkpoint. */
  readonly name: string;
  /** NMSE of its layer's tokens when it alone computes in int8. */
  readonly layerNmse: number;
  /** Its part of what its layer does to `last_hidden_state`: the layer's NMSE shared out by `layerNmse`. */
  readonly nmse: number;
  /** Milliseconds an image that int8 saves: the median over all layers' linear layers of this role. */
  readonly savedMilliseconds: number;
}

/** One way to compute, measured with the whole model. */
export interface FrontierPoint {
  /** `plain`: as `cpu:int8`; `tuned`: smoothed, where that helps, or with linear layers in float32. */
  readonly kind: 'plain' | 'tuned';
  /** Linear layers in float32. */
  readonly float32: readonly string[];
  /** Largest NMSE of an image's `last_hidden_state`. */
  readonly nmse: number;
  /** Largest NMSE of an image's CLS token. */
  readonly clsNmse: number;
  /** Median milliseconds an image. */
  readonly milliseconds: number;
  /** The same of float32, measured in turn with it. */
  readonly float32Milliseconds: number;
}

export interface TuningResult {
  readonly verdict: 'PASS' | 'FAIL';
  /** In one sentence, what was found. */
  readonly reason: string;
  readonly bound: number;
  readonly model: { readonly id: string; readonly synthetic: boolean; readonly linears: number };
  /** Bits of int8 weights on this processor. */
  readonly weightBits: 7 | 8;
  readonly images: readonly string[];
  /** Whether channels are smoothed: only where that makes the error smaller. */
  readonly isSmoothed: boolean;
  readonly layers: readonly LayerShare[];
  readonly frontier: readonly FrontierPoint[];
  /** The one that was chosen; absent on FAIL. */
  readonly chosen?: FrontierPoint;
  /** The stored plan, which `cpu:tuned` uses, and its file; absent on FAIL. */
  readonly plan?: QuantizationPlan;
  readonly planFile?: string;
}
