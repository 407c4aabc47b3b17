import type { Isolation } from '@webssl/backend';

/** Options of {@link cannOnnx}. */
export interface CannOnnxOptions {
  /**
   * What ONNX Runtime computes with: an NPU through CANN, or the CPU, which any build of the library has.
   * @default 'cann'
   */
  readonly provider?: 'cann' | 'cpu';
  /**
   * Which NPU, counted as CANN counts them.
   * @default 0
   */
  readonly device?: number;
  /**
   * Path of an ONNX Runtime shared library (`libonnxruntime.so`), for `provider: 'cann'` built with `--use_cann`.
   * @default `$WEBSSL_ONNXRUNTIME_LIBRARY`, then the usual places; for the CPU the one inside an installed onnxruntime-node
   */
  readonly library?: string;
  /**
   * Batch sizes that CANN compiles the model for, each on its first use and each with all weights: every one that a session uses
   * takes as much memory of the device and of the disk again. Other batches are split and padded.
   * @default [1, 8] with CANN, [1] on the CPU
   */
  readonly batchSizes?: readonly number[];
  /**
   * Most bytes of weights that are handed over in one graph; models that have more are cut into pieces by layers. CANN takes a
   * graph with its weights as one protobuf message, which ends at 2 GiB.
   * @default 1.9 GiB
   */
  readonly pieceBytes?: number;
  /**
   * Where CANN leaves what it compiled.
   * @default `$WEBSSL_CACHE/cann`, else `$XDG_CACHE_HOME/webssl/cann`, else `~/.cache/webssl/cann`
   */
  readonly cacheFolder?: string;
  /**
   * Threads of ONNX Runtime on the CPU, at most 1024.
   * @default ONNX Runtime's own choice for the CPU provider, 1 for CANN
   */
  readonly threads?: number;
  /**
   * Where sessions run when the caller of `open` does not say.
   * @default 'process'
   */
  readonly isolation?: Isolation;
  /**
   * The longest that one native call may take, in milliseconds: the opening, or one of the batch sizes with its compilation. A session
   * that takes longer is lost.
   * @default 600_000, because the first batch of a size compiles the model
   */
  readonly deadlineMilliseconds?: number;
  /**
   * The worker file to start instead of `@webssl/backend-cann-onnx/worker`: for bundlers that move files.
   */
  readonly workerEntry?: URL;
}
