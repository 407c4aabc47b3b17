import type { Precision } from '@webssl/backend';
import type { InferenceSession } from 'onnxruntime-common';
import type { CpuMode } from './session-setup.js';

/** The session options of ONNX Runtime for a graph whose weights lie in the files of a folder. */
export function runtimeOptions(
  folder: string,
  threads: number,
  mode: CpuMode,
  precision: Precision = 'fp32',
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
      ...optionsOf(precision),
    },
  };
}

function optionsOf(precision: Precision): Readonly<Record<string, Readonly<Record<string, string>>>> {
  switch (precision) {
    case 'fp32':
      return {};
    case 'bf16':
      return {
        mlas: { enable_gemm_fastmath_arm64_bfloat16: '1' },
        // The runtime computes in bf16 what is a MatMul when it runs: the first of these would make Gemm of it, the second a factor in
        // it, which is then left out without a word, the third a transposition, with which it is computed in float32.
        optimization: {
          disable_specified_optimizers: 'MatMulAddFusion;MatMulScaleFusion;MatmulTransposeFusion',
        },
      };
    default:
      // int8 products of KleidiAI, which arm64 processors with SME get otherwise, were wrong on an emulated one (docs/decisions/2026-11-29-int8.md).
      return { mlas: { disable_kleidiai: '1' } };
  }
}
