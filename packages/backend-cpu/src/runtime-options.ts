import type { InferenceSession } from 'onnxruntime-common';
import type { CpuMode } from './session-setup.js';

/** The session options of ONNX Runtime for a graph whose weights lie in the files of a folder. */
export function runtimeOptions(
  folder: string,
  threads: number,
  mode: CpuMode,
): InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    // Measured on ViT-H: no image is slower without the arena, sessions open no slower, and memory goes back after each run.
    enableCpuMemArena: false,
    // With the pattern onnxruntime reserves address space for all weights once more: the 7B models then fail to open.
    enableMemPattern: false,
    // Errors only: they come back as exceptions, and warnings would land on the caller's terminal.
    logSeverityLevel: 3,
    extra: {
      session: {
        model_external_initializers_file_folder_path: folder,
        disable_prepacking: mode === 'coldStart' ? '1' : '0',
      },
    },
  };
}
