import type { Pointer } from './functions.js';
import type { Resources } from './resources.js';
import type { Runtime } from './runtime.js';

/** ORT_LOGGING_LEVEL_ERROR: warnings would land on the caller's terminal. */
export const errorsOnly = 3;

const sequential = 0;
const noOptimization = 0;
const everyOptimization = 99;

/** How a graph is run, besides the provider. */
export interface SessionOptions {
  /** Folder of the weight files. */
  readonly folder: string;
  /** 0 leaves it to the library. */
  readonly threads: number;
  /**
   * Whether the library may rewrite the graph. Its own fused operators are none that CANN knows: one of them would cut the graph, and
   * which it makes differs between versions.
   */
  readonly optimize: boolean;
  /** Whether every operator must run on the provider that was appended. */
  readonly refuseFallback: boolean;
}

/**
 * An OrtSessionOptions until `resources` are released.
 * @throws RuntimeFailure
 */
export function makeSessionOptions(runtime: Runtime, options: SessionOptions, resources: Resources): Pointer {
  const { functions } = runtime;
  const made = runtime.make(functions.createSessionOptions, functions.releaseSessionOptions, resources);
  const configuration = {
    'session.model_external_initializers_file_folder_path': options.folder,
    // The weights stay in the pages of the file, which all processes share; packed copies would double them.
    'session.disable_prepacking': '1',
    ...(options.refuseFallback && { 'session.disable_cpu_ep_fallback': '1' }),
  };
  // Neither arena nor memory pattern: without them memory goes back after each run, and the largest models open.
  runtime.check(functions.disableCpuMemArena(made));
  runtime.check(functions.disableMemPattern(made));
  runtime.check(functions.setSessionExecutionMode(made, sequential));
  runtime.check(functions.setSessionLogSeverityLevel(made, errorsOnly));
  runtime.check(functions.setIntraOpNumThreads(made, options.threads));
  runtime.check(functions.setInterOpNumThreads(made, 1));
  runtime.check(
    functions.setSessionGraphOptimizationLevel(made, options.optimize ? everyOptimization : noOptimization),
  );
  for (const [key, value] of Object.entries(configuration)) {
    runtime.check(functions.addSessionConfigEntry(made, key, value));
  }
  return made;
}
