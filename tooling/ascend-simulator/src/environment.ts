import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { SimulatorConfiguration } from './simulator.js';

/** The environment variables that the native side reads, for a configuration. */
export function environmentOf(
  configuration: SimulatorConfiguration = {},
): Readonly<Record<string, string | undefined>> {
  const values = {
    ONNXRUNTIME: onnxRuntimeLibrary(),
    DEVICES: configuration.devices,
    SOC: configuration.soc,
    MEMORY_BYTES: configuration.memoryBytes,
    ROUNDING: configuration.rounding,
    IMAGE_MILLISECONDS: configuration.imageMilliseconds,
    BUS_GIGABYTES_PER_SECOND: configuration.busGigabytesPerSecond,
    STUB_COMPUTATION: configuration.stubComputation ? 1 : undefined,
    FAULTS: configuration.faults,
    COUNTERS: configuration.counters,
    STUB_LIBRARY: configuration.stubLibrary ? 1 : undefined,
    WRONG_WEIGHTS: configuration.wrongWeights,
    COMPILER_FAULT: configuration.compilerFault,
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`WEBSSL_SIMULATOR_${name}`, value?.toString()]),
  );
}

/** libonnxruntime as it ships in onnxruntime-node. */
function onnxRuntimeLibrary(): string {
  const folder = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  return join(folder, 'bin', 'napi-v6', process.platform, process.arch, 'libonnxruntime.so.1');
}
