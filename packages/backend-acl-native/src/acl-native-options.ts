import type { Isolation } from '@webssl/backend';

/** Options of {@link aclNative}. */
export interface AclNativeOptions {
  /**
   * Which NPU, counted as AscendCL counts them.
   * @default 0
   */
  readonly device?: number;
  /**
   * A folder that `webssl export om` wrote. Only its model is run then, and nothing is compiled.
   * @default the cache, and where that has none the compiler `atc`
   */
  readonly offlineModel?: string;
  /**
   * Batch sizes that the model is compiled for, 1 to 100 of them. Other batches are split and padded.
   * @default [1, 4, 8, 16]
   */
  readonly batchSizes?: readonly number[];
  /**
   * Where compiled models are kept.
   * @default `$WEBSSL_CACHE/ascend`, else `$XDG_CACHE_HOME/webssl/ascend`, else `~/.cache/webssl/ascend`
   */
  readonly cacheFolder?: string;
  /**
   * Path of `libascendcl.so`, or of the folder that it lies in.
   * @default `$ACL_LIB`, then what the loader finds, then the usual places of CANN
   */
  readonly library?: string;
  /**
   * Path of the compiler.
   * @default `atc` on the path, then in `$ASCEND_HOME_PATH` and the usual places of CANN
   */
  readonly compiler?: string;
  /** Gets every line that the compiler writes, for a terminal: compiling the large models takes minutes. */
  readonly onCompilerLine?: (line: string) => void;
  /**
   * Where sessions run when the caller of `open` does not say. In a process of their own a crash or a hang of the driver takes
   * nothing along; a thread is quicker by some milliseconds a batch.
   * @default 'process'
   */
  readonly isolation?: Isolation;
  /**
   * The longest that one batch may take, in milliseconds. A session that takes longer is lost.
   * @default 60_000
   */
  readonly deadlineMilliseconds?: number;
  /**
   * The longest that the steps of opening on the device may take together, in milliseconds; compiling is no part of it.
   * @default 600_000
   */
  readonly openDeadlineMilliseconds?: number;
  /**
   * The worker file to start instead of `@webssl/backend-acl-native/worker`: for bundlers that move files.
   */
  readonly workerEntry?: URL;
}
