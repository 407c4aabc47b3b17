import { readFileSync } from 'node:fs';
import type { DeviceReport, DeviceSummary } from '@webssl/backend';
import { AscendCl } from './ascendcl/ascendcl.js';
import { codes, memoryKind } from './ascendcl/enumerations.js';
import type { Out } from './ascendcl/functions.js';
import { type Koffi, loadLibrary } from './ascendcl/load-library.js';
import { loadedPath } from './ascendcl/loaded-path.js';
import { DisposalStack } from './device/disposal-stack.js';
import { deviceCount, initialise } from './device/initialise.js';
import { describeLibrary } from './device/library-description.js';
import { failedReport } from './failed-report.js';
import type { ProbeSetup } from './session-setup.js';

const driverVersionFile = '/usr/local/Ascend/driver/version.info';

/**
 * The NPUs that AscendCL sees. For the SoC alone no device is touched, and what fails is a report with the error's details; else it
 * is thrown. The setup is the one that `aclNative` makes: it comes from the same package.
 * @throws WebsslError `BACKEND_LIBRARY_MISSING`, `BACKEND_OPEN_FAILED`, with the advice in its details.
 */
export async function probeDevices(koffi: Koffi, setup: unknown): Promise<DeviceReport> {
  const request = setup as ProbeSetup;
  if (request.question === 'memory') return report(koffi, request);
  try {
    return report(koffi, request);
  } catch (error) {
    return failedReport(error);
  }
}

function report(koffi: Koffi, { library, question }: ProbeSetup): DeviceReport {
  const acl = new AscendCl(koffi, loadLibrary(koffi, library));
  const stack = new DisposalStack();
  try {
    initialise(acl, stack);
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
      devices: Array.from({ length: count }, (_, index) => ({
        index,
        name: description.name,
        ...(question === 'memory' && memoryOf(acl, index)),
      })),
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

/**
 * Free and total memory; nothing where the device does not tell, as one that is busy or not ours. A device that hangs or crashes
 * takes the whole probe along: a child for each device would start AscendCL as often as there are devices. The caller asks again
 * without memory then.
 */
function memoryOf(
  acl: AscendCl,
  device: number,
): Pick<DeviceSummary, 'freeMemoryBytes' | 'totalMemoryBytes'> {
  if (acl.attempt('aclrtSetDevice', device) !== codes.success) return {};
  try {
    for (const kind of [memoryKind.highBandwidth, memoryKind.ddr]) {
      const free: Out<number | bigint> = [0];
      const total: Out<number | bigint> = [0];
      const code = acl.attempt('aclrtGetMemInfo', kind, free, total);
      if (code === codes.success && Number(total[0]) > 0) {
        return { freeMemoryBytes: Number(free[0]), totalMemoryBytes: Number(total[0]) };
      }
    }
    return {};
  } finally {
    acl.attempt('aclrtResetDevice', device);
  }
}

function readDriverVersion(): string | undefined {
  try {
    return /^Version=(.+)$/m.exec(readFileSync(driverVersionFile, 'utf8'))?.[1]?.trim();
  } catch {
    return undefined;
  }
}
