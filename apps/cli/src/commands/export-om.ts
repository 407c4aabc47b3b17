import { type ImageSize, WebsslError } from '@webssl/backend';
import {
  aclNative,
  adoptOfflineModel,
  type ExportOptions,
  type ExportResult,
  exportOfflineModel,
  type OfflineModel,
  type OfflinePrecision,
} from '@webssl/backend-acl-native';
import {
  checkpointProgress,
  formatBytes,
  type HubOptions,
  hubOptions,
  PullReporter,
  type Terminal,
} from '@webssl/command-line';
import { demandOf, type OpenedModel, openModel, parseFeature } from '@webssl/encoder';
import { exitCode } from '../exit-code.js';

export interface ExportOmOptions extends HubOptions {
  readonly model: string;
  readonly soc: string;
  readonly batch: readonly number[];
  readonly precision: OfflinePrecision;
  readonly features: readonly string[];
  readonly imageSize?: number | ImageSize;
  readonly hostCpu?: NonNullable<ExportOptions['hostCpu']>;
  readonly compiler?: string;
  readonly onnxOnly: boolean;
  /** One of the two. */
  readonly out?: string;
  readonly adopt?: string;
}

/** `webssl export om`: an offline model in a folder, or what the compiler needs to make it; or such a folder into the cache. */
export async function exportOm(
  options: ExportOmOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { out, adopt } = options;
  if (out !== undefined) printExport(await exportTo(out, options, terminal, signal), terminal);
  if (adopt !== undefined) printModel(await adoptOfflineModel(adopt, { signal }), terminal);
  return exitCode.success;
}

async function exportTo(
  folder: string,
  options: ExportOmOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExportResult> {
  // Before gigabytes are fetched for nothing.
  const soc = options.soc === 'auto' ? await ownSoc() : options.soc;
  const { source, size, warnings } = await open(options, terminal, signal);
  for (const warning of warnings) terminal.note(`warning: ${warning}`);
  const { layers } = source.describe();
  const { compiler, hostCpu, batch, precision, onnxOnly } = options;
  return exportOfflineModel(source, {
    ...demandOf(options.features.map((name) => parseFeature(name, layers))),
    size,
    soc,
    precision,
    batchSizes: batch,
    folder,
    onnxOnly,
    ...(hostCpu === undefined ? {} : { hostCpu }),
    ...(compiler === undefined ? {} : { compiler }),
    onCompilerLine: (line) => terminal.note(line),
    signal,
  });
}

async function ownSoc(): Promise<string> {
  const report = await aclNative().probe();
  // Which one it is, a device that is busy tells as well.
  const soc = report.details?.['soc'];
  if (typeof soc === 'string') return soc;
  const reason = report.usable ? 'it does not tell the name of its SoC' : `${report.reason} ${report.advice}`;
  throw new WebsslError({
    code: 'DEVICE_UNAVAILABLE',
    message: `No Ascend NPU of this machine can be asked for its SoC: ${reason} To export for another machine, name its SoC, as in --soc Ascend910B4 (npu-smi info shows it there, without Ascend before it).`,
  });
}

async function open(
  { model, imageSize, ...options }: ExportOmOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<OpenedModel> {
  const reporter = new PullReporter(terminal);
  try {
    return await openModel(model, {
      ...hubOptions(options),
      ...(imageSize === undefined ? {} : { imageSize }),
      signal,
      onProgress: checkpointProgress(terminal),
      onPull: reporter.report,
    });
  } finally {
    reporter.stop();
  }
}

function printExport(result: ExportResult, terminal: Terminal): void {
  if (result.kind === 'compiled') {
    printModel(result, terminal);
    return;
  }
  const { folder, command } = result;
  terminal.result(`The graph and its weights are in ${folder}, not compiled: that takes atc.`);
  terminal.result(
    'Copy the folder to a machine with CANN; there, after its set_env.sh, run compile.sh or in the folder',
  );
  terminal.result(`  ${command}`);
  terminal.result('Then copy the folder to the machine with the NPU, and there run');
  terminal.result('  webssl export om --adopt <folder>');
}

function printModel({ folder, manifest }: OfflineModel, terminal: Terminal): void {
  const { model, soc, precision, size, batchSizes, outputs, tokens, files } = manifest;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const which = tokens === 'all' ? '' : ` (${tokens} only)`;
  terminal.result(`${model.id} for ${soc} in ${precision}: ${folder} (${formatBytes(bytes)})`);
  terminal.result(
    `images of ${size.height} x ${size.width}, batches of ${batchSizes.join(', ')}; ${outputs.join(', ')}${which}`,
  );
  if (model.synthetic) terminal.result('SYNTHETIC WEIGHTS: random numbers of the true architecture.');
}
