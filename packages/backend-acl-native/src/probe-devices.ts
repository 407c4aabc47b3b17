import { readFileSync } from 'node:fs';
import type { DeviceReport } from '@webssl/backend';
import { AscendCl } from './ascendcl/ascendcl.js';
import { type Koffi, loadLibrary } from './ascendcl/load-library.js';
import { loadedPath } from './ascendcl/loaded-path.js';
import { DisposalStack } from './device/disposal-stack.js';
import { deviceCount, initialise } from './device/initialise.js';
import { describeLibrary } from './device/library-description.js';
import { summariseDevice } from './device-summary.js';
import { failedReport } from './failed-report.js';
import type { ProbeSetup } from './session-setup.js';

const driverVersionFile = '/usr/local/Ascend/driver/version.info';

/**
 * The NPUs that AscendCL sees. Where none is touched, what fails is a report with the error's details; else it is thrown. The setup
 * is the one that `aclNative` makes: it comes from the same package.
 * @throws WebsslError `BACKEND_LIBRARY_MISSING`, `BACKEND_OPEN_FAILED`, with the advice in its details.
 */
export async function probeDevices(koffi: Koffi, setup: unknown): Promise<DeviceReport> {
  const request = setup as ProbeSetup;
  if (request.touched !== 'none') return report(koffi, request);
  try {
    return report(koffi, request);
  } catch (error) {
    return failedReport(error);
  }
}

function report(koffi: Koffi, { library, touched }: ProbeSetup): DeviceReport {
  const acl = new AscendCl(koffi, loadLibrary(koffi, library));
  const stack = new DisposalStack();
  try {
    initialise(acl, stack);
    acl.stage = 'probing';
    const description = describeLibrary(acl);
    const driverVersion = readDriverVersion();
    const count = deviceCount(acl);
    if (count === 0) {
      return {
        usable: false,
        code: 'BACKEND_OPEN_FAILED',
        reason: `${description.library} is here, but sees no device.`,
        advice:
          'Look for devices with `npu-smi info`. In a container pass them in (--device /dev/davinci0 and the control devices); ASCEND_RT_VISIBLE_DEVICES hides those that it does not name.',
      };
    }
    return {
      usable: true,
      library: description.library,
      devices: Array.from({ length: count }, (_, index) => {
        const { name } = description;
        return touched === 'all' || touched === index ? summariseDevice(acl, index, name) : { index, name };
      }),
      details: {
        libraryPath: acl.files.map((file) => loadedPath(file)).join(' + '),
        soc: description.soc,
        ...(description.cannVersion !== undefined && { cannVersion: description.cannVersion }),
        ...(driverVersion !== undefined && { driverVersion }),
        ...(description.isSimulator && { simulator: true }),
      },
    };
  } finally {
    stack.dispose();
  }
}

function readDriverVersion(): string | undefined {
  try {
    return /^Version=(.+)$/m.exec(readFileSync(driverVersionFile, 'utf8'))?.[1]?.trim();
  } catch {
    return undefined;
  }
}
