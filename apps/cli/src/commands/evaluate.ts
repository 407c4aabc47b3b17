import { shellQuote } from '@webssl/backend/host';
import { isMeasurement } from '@webssl/checker';
import { compilerReporter, type Terminal } from '@webssl/command-line';
import { evaluate } from '@webssl/evaluation';
import { type CommonOptions, commonOptions } from '../evaluation/common-options.js';
import { candidateDevice, type DeviceOptions, referenceDevice } from '../evaluation/device-choices.js';
import { printVerdict } from '../evaluation/print-verdict.js';
import { runEvaluation } from '../evaluation/run-evaluation.js';
import { readThresholds, type ThresholdOptions } from '../evaluation/thresholds.js';
import { type MeasuringOptions, measuringOptions } from './performance.js';

export interface EvaluateCommandOptions
  extends CommonOptions,
    DeviceOptions,
    MeasuringOptions,
    ThresholdOptions {
  readonly reference: string;
  readonly candidate: string;
  readonly layers: boolean;
  readonly stability?: number;
  readonly save?: string;
  readonly out: string;
}

/** `webssl evaluate`: accuracy, speed, verdict and report. */
export function evaluateDevice(
  patterns: readonly string[],
  options: EvaluateCommandOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  return runEvaluation(terminal, signal, options, async (handles) => {
    const { reference, candidate, layers, stability, save, out } = options;
    const thresholds = await readThresholds(options);
    const common = await commonOptions(patterns, options, terminal, handles);
    const deviceOptions = { ...options, onCompilerLine: compilerReporter(terminal) };
    let isMeasured = false;
    const { verdict } = await evaluate({
      ...common,
      onRecord(record) {
        isMeasured ||= isMeasurement(record);
        common.onRecord?.(record);
      },
      ...measuringOptions(options),
      reference: await referenceDevice(reference, deviceOptions),
      candidate: await candidateDevice(candidate, deviceOptions),
      layers,
      ...(stability === undefined ? {} : { stability }),
      ...(save === undefined ? {} : { save }),
      thresholds,
      out,
      command: commandLine(),
    }).catch((error: unknown) => {
      if (isMeasured)
        terminal.note(`What was measured is in ${out}; the report says FAIL, because it is not all.`);
      throw error;
    });
    return () => {
      const code = printVerdict(verdict, terminal, options.json);
      terminal.note(`The report is in ${out}: report.html, report.md, results.json and log.txt.`);
      return code;
    };
  });
}

/** What the user typed, quoted for a shell. */
function commandLine(): string {
  return shellQuote(['webssl', ...process.argv.slice(2)]);
}
