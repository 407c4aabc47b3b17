import { cpus, freemem, totalmem } from 'node:os';
import type { DeviceReport } from '@webssl/backend';
import { libraryName, libraryPath, type Runtime } from './load-runtime.js';

/** The one device of this backend: all CPUs of the machine together. */
export async function probeCpu(runtime: Runtime): Promise<DeviceReport> {
  const path = libraryPath();
  return {
    usable: true,
    library: libraryName(runtime),
    ...(path !== undefined && { details: { libraryPath: path } }),
    devices: [{ index: 0, name: cpuName(), totalMemoryBytes: totalmem(), freeMemoryBytes: freemem() }],
  };
}

/** The processor in the words of the operating system; its architecture where that says nothing, as on some ARM boards. */
export function cpuName(): string {
  const model = cpus()[0]?.model.trim();
  return model === undefined || model === '' || model === 'unknown' ? `${process.arch} processor` : model;
}
