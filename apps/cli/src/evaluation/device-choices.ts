import { WebsslError } from '@webssl/backend';
import { parseDevice } from '@webssl/encoder';
import type { DeviceChoice } from '@webssl/evaluation';

/** CPU options of the reference device and of the others. */
export interface DeviceOptions {
  readonly threads?: number;
  readonly mode?: 'coldStart' | 'throughput';
  readonly candidateThreads?: number;
  readonly candidateMode?: 'coldStart' | 'throughput';
}

/** The device that the others are compared with. */
export function referenceDevice(device: string, { threads, mode }: DeviceOptions): DeviceChoice {
  return choice(device, threads, mode);
}

/**
 * A device that is compared: a CPU with the options of the reference, where it has none of its own.
 *
 * @throws WebsslError `EVALUATION_OPTION_INVALID` for CPU options of a device that is no CPU
 */
export function candidateDevice(device: string, options: DeviceOptions): DeviceChoice {
  const { candidateThreads, candidateMode } = options;
  if (!isCpu(device) && (candidateThreads ?? candidateMode) !== undefined) {
    throw new WebsslError({
      code: 'EVALUATION_OPTION_INVALID',
      message: `--candidate-threads and --candidate-mode are options of the CPU; ${device} has neither. Leave them out.`,
    });
  }
  return choice(device, candidateThreads ?? options.threads, candidateMode ?? options.mode);
}

function choice(device: string, threads?: number, mode?: 'coldStart' | 'throughput'): DeviceChoice {
  if (!isCpu(device)) return { device };
  return {
    device,
    ...(threads === undefined ? {} : { threads }),
    ...(mode === undefined ? {} : { mode }),
  };
}

function isCpu(device: string): boolean {
  return parseDevice(device).backend === 'cpu';
}
