import { posix } from 'node:path';
import type { CompilationPlan } from './compilation-plan.js';
import { hostArguments, ownHostCpu } from './host-cpu.js';
import type { OfflinePrecision } from './manifest.js';
import { graphName } from './write-graph.js';

/** Folder of the graph, below the folder that the compiler runs in. */
export const graphFolder = 'onnx';
/** Where the compiler puts the weights of the offline model. */
export const weightFolder = 'weight';
/** File with the precision of single operators. */
export const operatorPrecisionFile = 'operator-precision.ini';
/** Name of the offline model without its ending. */
export const offlineModelStem = 'model';

const precisionModes: Readonly<Record<OfflinePrecision, string>> = {
  fp32: 'origin',
  fp16: 'fp16',
  mixed: 'mixed_float16',
};

/** Operator types that multiply matrices or convolve, as the compiler names them after it has read an ONNX graph. */
const multiplyingOperators = [
  'Conv2D',
  'MatMul',
  'MatMulV2',
  'MatMulV3',
  'BatchMatMul',
  'BatchMatMulV2',
  'BatchMatMulV3',
  'GEMM',
];

/**
 * What {@link operatorPrecisionFile} has to say for a plan; undefined where there is no need of it.
 *
 * On the SoCs that have it, float32 convolutions are computed in HF32 unless told otherwise: 10 bits of mantissa, a relative
 * error of about 5e-4. `--allow_hf32` would forbid it too, but the documentation of newer versions of the compiler calls it
 * reserved; this file is what remains. SoCs without HF32 do not know the mode.
 */
export function operatorPrecisions({ precision, soc }: CompilationPlan): string | undefined {
  if (precision !== 'fp32' || !hasHf32(soc)) return undefined;
  const lines = multiplyingOperators.map((operator) => `${operator}=enable_float_32_execution`);
  return `[ByOpType]\n${lines.join('\n')}\n`;
}

/** Ascend 910B1 to B4 (Atlas A2), 910_93.. (Atlas A3) and 950. `Ascend910B` alone is a first 910, without. */
function hasHf32(soc: string): boolean {
  return /^Ascend(?:910B\d|910_9|950)/i.test(soc);
}

/** The one input of a whole model; see `OnnxModel.input`. */
const inputName = 'pixel_values';

/** Arguments of `atc` for a plan, as they decide what it makes; paths are relative to the folder that it runs in. */
export function compilerArguments(plan: CompilationPlan): readonly string[] {
  const { size, soc, precision, batchSizes, hostCpu = ownHostCpu() } = plan;
  const isStatic = batchSizes.length === 1;
  const shape = [isStatic ? batchSizes[0] : -1, 3, size.height, size.width];
  return [
    '--framework=5',
    `--model=${posix.join(graphFolder, graphName)}`,
    `--output=${offlineModelStem}`,
    `--soc_version=${soc}`,
    ...hostArguments(hostCpu),
    '--input_format=NCHW',
    `--input_shape=${inputName}:${shape.join(',')}`,
    ...(isStatic ? [] : [`--dynamic_batch_size=${batchSizes.join(',')}`]),
    `--precision_mode_v2=${precisionModes[precision]}`,
    ...(operatorPrecisions(plan) === undefined ? [] : [`--op_precision_mode=${operatorPrecisionFile}`]),
    // Beside the offline model: inside, the library would read all of them twice, and hold them in the host's memory.
    '--external_weight=1',
    '--log=error',
  ];
}

/** Arguments that keep compiled operators for the next compilation. They change how long it takes, not what it makes. */
export function operatorCacheArguments(folder: string): readonly string[] {
  return ['--op_compiler_cache_mode=enable', `--op_compiler_cache_dir=${folder}`];
}
