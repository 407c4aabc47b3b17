import { WebsslError } from '@webssl/backend';
import { judge } from '@webssl/checker';
import { compilerReporter, type Terminal } from '@webssl/command-line';
import { measurePerformance, type PerformanceOptions } from '@webssl/evaluation';
import { type CommonOptions, commonOptions } from '../evaluation/common-options.js';
import { candidateDevice, type DeviceOptions, referenceDevice } from '../evaluation/device-choices.js';
import { printVerdict } from '../evaluation/print-verdict.js';
import { runEvaluation } from '../evaluation/run-evaluation.js';

/** How long and in which way speed is measured. */
export interface MeasuringOptions {
  readonly warmup?: number;
  readonly minTime?: number;
  readonly iterations?: number;
  readonly concurrency?: number;
  readonly endToEnd: boolean;
}

export interface PerformanceCommandOptions extends CommonOptions, DeviceOptions, MeasuringOptions {
  readonly device?: readonly string[];
}

/** `webssl perf`: how fast devices are. */
export function performance(
  patterns: readonly string[],
  options: PerformanceCommandOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  return runEvaluation(terminal, signal, options, async (handles) => {
    const [first = 'cpu', ...others] = options.device ?? [];
    if (others.length === 0 && (options.candidateThreads ?? options.candidateMode) !== undefined) {
      throw new WebsslError({
        code: 'EVALUATION_OPTION_INVALID',
        message: `--candidate-threads and --candidate-mode are for the devices after the first, and there is none. Name two, such as --device ${first} --device ${first}.`,
      });
    }
    const deviceOptions = { ...options, onCompilerLine: compilerReporter(terminal) };
    const devices = [await referenceDevice(first, deviceOptions)];
    for (const device of others) devices.push(await candidateDevice(device, deviceOptions));
    const { records } = await measurePerformance({
      ...(await commonOptions(patterns, options, terminal, handles)),
      ...measuringOptions(options),
      devices,
    });
    return () => printVerdict(judge(records, {}, { expect: ['performance'] }), terminal, options.json);
  });
}

/** The same for the library. */
export function measuringOptions({
  warmup,
  minTime,
  iterations,
  concurrency,
  endToEnd,
}: MeasuringOptions): Pick<
  PerformanceOptions,
  'warmup' | 'minSeconds' | 'minIterations' | 'concurrency' | 'endToEnd'
> {
  return {
    ...(warmup === undefined ? {} : { warmup }),
    ...(minTime === undefined ? {} : { minSeconds: minTime }),
    ...(iterations === undefined ? {} : { minIterations: iterations }),
    ...(concurrency === undefined ? {} : { concurrency }),
    endToEnd,
  };
}
