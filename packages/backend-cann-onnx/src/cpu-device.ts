import { cpus, freemem, totalmem } from 'node:os';
import type { DeviceReport } from '@webssl/backend';
import type { ComputingDevice } from './computing-device.js';
import type { Runtime } from './onnxruntime/runtime.js';
import { makeSessionOptions } from './onnxruntime/session-options.js';

/** All CPUs of the machine together. */
export function cpuDevice(runtime: Runtime, threads: number): ComputingDevice {
  return {
    name: cpuName(),
    library: libraryName(runtime),
    details: { provider: 'cpu', libraryPath: runtime.path, ...(threads > 0 && { threads }) },
    sessionOptions: ({ folder }, resources) =>
      makeSessionOptions(runtime, { folder, threads, optimize: true, refuseFallback: false }, resources),
    enter() {},
    leave() {},
    mends: () => false,
  };
}

/** What a probe reports of the CPU. */
export function reportCpu(runtime: Runtime): DeviceReport {
  return {
    usable: true,
    library: libraryName(runtime),
    devices: [{ index: 0, name: cpuName(), totalMemoryBytes: totalmem(), freeMemoryBytes: freemem() }],
    details: { provider: 'cpu', libraryPath: runtime.path },
  };
}

function libraryName({ version }: Runtime): string {
  return `ONNX Runtime ${version} (CPU provider)`;
}

/** The processor in the words of the operating system; its architecture where that says nothing, as on some ARM boards. */
function cpuName(): string {
  const model = cpus()[0]?.model.trim();
  return model === undefined || model === '' || model === 'unknown' ? `${process.arch} processor` : model;
}
