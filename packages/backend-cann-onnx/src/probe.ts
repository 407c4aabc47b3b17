import type { DeviceReport } from '@webssl/backend';
import { reportCann } from './cann/cann-device.js';
import { reportCpu } from './cpu-device.js';
import { probeError } from './failure.js';
import { loadRuntime } from './onnxruntime/load-runtime.js';
import type { ProbeSetup } from './session-setup.js';

/**
 * What a library can compute with.
 * @throws WebsslError, which the host turns into a report, where the library cannot be used.
 */
export async function probe(setup: unknown): Promise<DeviceReport> {
  const { provider, library, device, touched } = setup as ProbeSetup;
  const runtime = loadRuntime(provider, library);
  if (provider === 'cpu') return reportCpu(runtime);
  try {
    return reportCann(runtime, device, touched);
  } catch (error) {
    throw probeError(error, 'CANN could not be asked for its NPUs');
  }
}
