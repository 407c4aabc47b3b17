import { type DeviceReport, WebsslError } from '@webssl/backend';
import { probeDevicesInChildren, probeInChild, type TouchedDevices } from '@webssl/backend/host';
import { errorDetails } from './failed-report.js';
import type { ProbeSetup } from './session-setup.js';

/** Which library to ask, and by what. */
export interface AskedLibrary {
  readonly workerEntry: URL;
  readonly library: string | undefined;
  readonly deadlineMilliseconds: number;
}

/** Answers, and questions under way, of this process. */
const knownSocs = new Map<string, Promise<string>>();

/** Asks a library for its devices, in child processes. Never throws, as `probeDevicesInChildren`. */
export function askDevices({
  workerEntry,
  library,
  deadlineMilliseconds,
}: AskedLibrary): Promise<DeviceReport> {
  const setup = (touched: TouchedDevices): ProbeSetup => ({ library, touched });
  return probeDevicesInChildren({ backend: 'acl-native', entry: workerEntry, setup, deadlineMilliseconds });
}

/**
 * The SoC, which decides what to compile for. No device is touched for it: a bad card does not keep the others from being used.
 * Asked once a process for each library, however many devices are opened; what failed is asked again.
 * @throws WebsslError `BACKEND_LIBRARY_MISSING`, `BACKEND_OPEN_FAILED`, `BACKEND_LOST`.
 */
export function socOf(asked: AskedLibrary): Promise<string> {
  const { workerEntry, library, deadlineMilliseconds } = asked;
  const environment = process.env['ACL_LIB'];
  const key = JSON.stringify([workerEntry.href, library, environment, deadlineMilliseconds]);
  const known = knownSocs.get(key);
  if (known !== undefined) return known;
  const answer = askSoc(asked);
  knownSocs.set(key, answer);
  answer.catch(() => knownSocs.delete(key));
  return answer;
}

async function askSoc({ workerEntry, library, deadlineMilliseconds }: AskedLibrary): Promise<string> {
  const setup: ProbeSetup = { library, touched: 'none' };
  const report = await probeInChild({
    backend: 'acl-native',
    entry: workerEntry,
    setup,
    deadlineMilliseconds,
  });
  if (report.usable) return String(report.details?.['soc']);
  const { code = 'BACKEND_OPEN_FAILED', reason, advice } = report;
  throw new WebsslError({
    code,
    message: `${reason}${/[.!?]$/.test(reason) ? '' : '.'} ${advice}`,
    details: { ...errorDetails(report), advice },
  });
}
