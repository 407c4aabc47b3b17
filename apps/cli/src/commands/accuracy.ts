import { WebsslError } from '@webssl/backend';
import { type EvaluationRecord, judge } from '@webssl/checker';
import { compilerReporter, type Terminal } from '@webssl/command-line';
import { compareTensorFiles, measureAccuracy } from '@webssl/evaluation';
import { type CommonOptions, commonOptions } from '../evaluation/common-options.js';
import { candidateDevice, type DeviceOptions, referenceDevice } from '../evaluation/device-choices.js';
import { printVerdict } from '../evaluation/print-verdict.js';
import { type EvaluationHandles, runEvaluation } from '../evaluation/run-evaluation.js';

export interface AccuracyCommandOptions extends CommonOptions, DeviceOptions {
  readonly reference: string;
  readonly candidate?: string;
  readonly maxNmse?: number;
  readonly layers: boolean;
  readonly stability?: number;
  readonly save?: string;
  readonly compare?: readonly string[];
}

/** `webssl accuracy`: whether a device gives another's answer. */
export function accuracy(
  patterns: readonly string[],
  options: AccuracyCommandOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { compare } = options;
  return runEvaluation(terminal, signal, options, async (handles) => {
    const records =
      compare === undefined
        ? await measure(patterns, options, terminal, handles)
        : await compareFiles(compare, patterns, options, handles);
    const expect = [compare === undefined ? 'accuracy' : 'comparison'] as const;
    return () => printVerdict(judge(records, {}, { expect }), terminal, options.json);
  });
}

async function measure(
  patterns: readonly string[],
  options: AccuracyCommandOptions,
  terminal: Terminal,
  handles: EvaluationHandles,
): Promise<readonly EvaluationRecord[]> {
  const { candidate, reference, maxNmse, layers, stability, save } = options;
  if (candidate === undefined) {
    throw invalid('Name the device that is to be checked, for example --candidate npu');
  }
  const deviceOptions = { ...options, onCompilerLine: compilerReporter(terminal) };
  const devices = {
    reference: await referenceDevice(reference, deviceOptions),
    candidate: await candidateDevice(candidate, deviceOptions),
  };
  const { records } = await measureAccuracy({
    ...(await commonOptions(patterns, options, terminal, handles)),
    ...devices,
    ...(maxNmse === undefined ? {} : { maxNmse }),
    layers,
    ...(stability === undefined ? {} : { stability }),
    ...(save === undefined ? {} : { save }),
  });
  return records;
}

async function compareFiles(
  files: readonly string[],
  patterns: readonly string[],
  { maxNmse, candidate }: AccuracyCommandOptions,
  { signal, onRecord }: EvaluationHandles,
): Promise<readonly EvaluationRecord[]> {
  const [reference, other, ...more] = files;
  if (reference === undefined || other === undefined || more.length + patterns.length > 0) {
    throw invalid('--compare takes two safetensors files, the reference first, and no images');
  }
  if (candidate !== undefined) throw invalid('--compare reads files: leave --candidate out');
  const { records } = await compareTensorFiles(reference, other, {
    ...(maxNmse === undefined ? {} : { maxNmse }),
    onRecord,
    signal,
  });
  return records;
}

function invalid(message: string): WebsslError {
  return new WebsslError({ code: 'EVALUATION_OPTION_INVALID', message: `${message}.` });
}
