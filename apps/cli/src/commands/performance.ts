import { judge } from '@webssl/checker';
import { measurePerformance, type PerformanceOptions } from '@webssl/evaluation';
import { type CommonOptions, commonOptions } from '../evaluation/common-options.js';
import { candidateDevice, type DeviceOptions, referenceDevice } from '../evaluation/device-choices.js';
import { printVerdict } from '../evaluation/print-verdict.js';
import { createRecordOutput } from '../evaluation/record-output.js';
import { runEvaluation } from '../evaluation/run-evaluation.js';
import type { Terminal } from '../terminal.js';

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
  return runEvaluation(terminal, signal, async (handles) => {
    const output = createRecordOutput(terminal, options.json);
    const [first = 'cpu', ...others] = options.device ?? [];
    const devices = [
      referenceDevice(first, options),
      ...others.map((device) => candidateDevice(device, options)),
    ];
    const { records } = await measurePerformance({
      ...(await commonOptions(patterns, options, output.record, terminal, handles)),
      ...measuringOptions(options),
      devices,
    });
    handles.stopProgress();
    output.finish();
    return printVerdict(judge(records, {}, { expect: ['performance'] }), terminal, options.json);
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
