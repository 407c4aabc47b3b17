import type { LoadEncoderOptions } from '@webssl/encoder';
import { checkpointProgress } from './checkpoint-progress.js';
import { compilerReporter } from './compiler-reporter.js';
import type { DeviceOptions } from './device-options.js';
import { type HubOptions, hubOptions } from './hub-options.js';
import { offlineModelDevice } from './offline-model-device.js';
import { PullReporter } from './pull-reporter.js';
import { quantizeProgress } from './quantize-progress.js';
import type { Terminal } from './terminal.js';

/**
 * Loads a model with the options of a command line, and shows on the terminal how far fetching, writing, quantising and compiling are.
 *
 * @param load is given the options; it adds those that are its own, and calls `loadEncoder`
 * @returns what `load` returns
 * @throws WebsslError `DEVICE_SPECIFICATION_INVALID` for an offline model on a device that takes none; as `load` does
 */
export async function reportLoading<Loaded>(
  options: HubOptions & DeviceOptions,
  terminal: Terminal,
  signal: AbortSignal,
  load: (options: LoadEncoderOptions) => Promise<Loaded>,
): Promise<Loaded> {
  const { imageSize, threads, exif, resize, offlineModel, isolation } = options;
  const device = offlineModel === undefined ? options.device : await offlineModelDevice(options.device);
  const reporter = new PullReporter(terminal);
  try {
    return await load({
      ...hubOptions(options),
      device,
      exif,
      resize,
      ...(imageSize === undefined ? {} : { imageSize }),
      ...(threads === undefined ? {} : { threads }),
      ...(offlineModel === undefined ? {} : { offlineModel }),
      ...(isolation === undefined ? {} : { isolation }),
      onCompilerLine: compilerReporter(terminal),
      signal,
      onProgress: checkpointProgress(terminal),
      onQuantizeProgress: quantizeProgress(terminal),
      onPull: reporter.report,
    });
  } finally {
    reporter.stop();
  }
}
