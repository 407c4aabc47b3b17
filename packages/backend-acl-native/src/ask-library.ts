import { type DeviceReport, WebsslError } from '@webssl/backend';
import { probeInChild } from '@webssl/backend/host';
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

/** Puts a question to a library in a child process of its own. Never throws, as `probeInChild`. */
export function askLibrary(
  { workerEntry, library, deadlineMilliseconds }: AskedLibrary,
  question: ProbeSetup['question'],
): Promise<DeviceReport> {
  const setup: ProbeSetup = { library, question };
  return probeInChild({ backend: 'acl-native', entry: workerEntry, setup, deadlineMilliseconds });
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

async function askSoc(asked: AskedLibrary): Promise<string> {
  const report = await askLibrary(asked, 'soc');
  if (report.usable) return String(report.details?.['soc']);
  const { code = 'BACKEND_OPEN_FAILED', reason, advice } = report;
  throw new WebsslError({
    code,
    message: `${reason}${/[.!?]$/.test(reason) ? '' : '.'} ${advice}`,
    details: { ...errorDetails(report), advice },
  });
}
